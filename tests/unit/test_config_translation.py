"""Settings of translation: read, written, and refused with the remedy."""

from pathlib import Path

import pytest

from node.config import BadConfig, Config, ETranslation, Translation, read_config, write_config
from node.runtime.engines import engines_of

HEAD = 'node = "ES"\nbroker = "amqp://x"\n'
FULL = """
[translation]
languages = ["es", "ca"]
outside_engine_for_personal = true
[translation.engines."my apertium"]
kind = "apertium"
[translation.engines.et]
kind = "etranslation"
callback = "https://imi.example.eu/t/"
[translation.engines.libre]
kind = "libretranslate"
url = "http://127.0.0.1:5000"
outside = false
[translation.pairs]
"it-es" = ["libre"]
"*-es" = ["et", "libre"]
"fr-es" = []
"""


def given(folder: Path, text: str) -> Translation:
    (folder / "node.toml").write_text(HEAD + text)
    found = read_config(folder).translation
    assert found is not None
    return found


def test_all_of_it_is_read_and_written_alike(tmp_path: Path) -> None:
    settings = given(tmp_path, FULL)
    assert settings.engines_for("it", "es") == ("libre",)
    assert settings.engines_for("de", "es") == ("et", "libre")
    assert settings.engines_for("fr", "es") == ()
    assert settings.engines_for("es", "ca") == ("my apertium", "et", "libre")
    assert isinstance(settings.engines["et"], ETranslation)
    assert settings.engines["et"].callback == "https://imi.example.eu/t"

    (tmp_path / "node.toml").unlink()
    write_config(Config(node="ES", broker="amqp://x", folder=tmp_path, translation=settings))
    assert read_config(tmp_path).translation == settings


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[translation.engines.x]\nkind = "deep"', "engines"),
        ('[translation]\nlanguages = ["Spanish"]\n[translation.engines.x]\nkind = "apertium"', "languages"),
        ('[translation.engines.x]\nkind = "apertium"\n[translation.pairs]\n"it-es" = ["y"]', "there are not: y"),
        ('[translation.engines.x]\nkind = "etranslation"\ncallback = "http://imi.example.eu"', "https://"),
        (
            "".join(
                f'[translation.engines.{each}]\nkind = "etranslation"\ncallback = "https://x.example"\n'
                for each in ("x", "y")
            ),
            "a node uses one",
        ),
    ],
)
def test_what_can_not_be_used_is_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(BadConfig, match=words):
        given(tmp_path, text)


def test_credentials_are_for_their_owner_alone(tmp_path: Path) -> None:
    settings = given(tmp_path, FULL)
    with pytest.raises(BadConfig, match=r"etranslation.credentials can't be read"):
        engines_of(settings, node="ES", folder=tmp_path)
    file = tmp_path / "etranslation.credentials"
    file.write_text("APP\nsecret\n")
    file.chmod(0o644)
    with pytest.raises(BadConfig, match="chmod 600"):
        engines_of(settings, node="ES", folder=tmp_path)
    file.chmod(0o600)
    engines = engines_of(settings, node="ES", folder=tmp_path)
    assert engines is not None
    assert engines.languages == ("es", "ca")
    assert engines.listen == "127.0.0.1:8470"
    assert [each.outside for each in engines.by_name.values()] == [False, True, False]
    file.write_text("APP\n")
    with pytest.raises(BadConfig, match="2 line"):
        engines_of(settings, node="ES", folder=tmp_path)
