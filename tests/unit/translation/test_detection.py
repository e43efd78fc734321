"""Which language a text is in: all official languages are told from few words, and nonsense is not."""

import pytest

from node.translation.detection import suggest

WORDS = {
    "bg": "Услугата продава лекарства без рецепта на деца",
    "cs": "Služba prodává léky bez předpisu dětem",
    "da": "Tjenesten sælger medicin uden recept til børn",
    "de": "Der Dienst verkauft Arzneimittel ohne Rezept an Kinder",
    "el": "Η υπηρεσία πουλάει φάρμακα χωρίς συνταγή",  # noqa: RUF001  it is Greek
    "en": "The service sells medicines without a prescription",
    "es": "El servicio vende medicamentos sin receta a los niños",
    "et": "Teenus müüb ravimeid ilma retseptita lastele",
    "fi": "Palvelu myy lääkkeitä ilman reseptiä lapsille",
    "fr": "Le service vend des médicaments sans ordonnance",
    "ga": "Díolann an tseirbhís leigheasanna gan oideas le páistí",
    "hr": "Usluga prodaje lijekove bez recepta djeci",
    "hu": "A szolgáltatás recept nélkül árul gyógyszereket",
    "is": "Þjónustan selur lyf án lyfseðils til barna",
    "it": "Il servizio vende medicinali senza ricetta ai bambini",
    "lt": "Paslauga parduoda vaistus be recepto vaikams",
    "lv": "Pakalpojums pārdod zāles bez receptes bērniem",
    "mt": "Is-servizz ibigħ mediċini mingħajr riċetta lit-tfal",
    "nl": "De dienst verkoopt geneesmiddelen zonder recept aan kinderen",
    "pl": "Usługa sprzedaje leki bez recepty dzieciom",
    "pt": "O serviço vende medicamentos sem receita às crianças",
    "ro": "Serviciul vinde medicamente fără rețetă copiilor",
    "sk": "Služba predáva lieky bez predpisu deťom",
    "sl": "Storitev prodaja zdravila brez recepta otrokom",
    "sv": "Tjänsten säljer läkemedel utan recept till barn",
}


@pytest.mark.parametrize("language", WORDS)
def test_a_sentence_tells_its_language(language: str) -> None:
    assert suggest(WORDS[language]) == language


@pytest.mark.parametrize("text", ["", "12 345,67 %", "ok", "—"])
def test_what_can_not_be_told_is_not_guessed(text: str) -> None:
    assert suggest(text) is None
