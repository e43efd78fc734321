"""A broker that runs already: the address is understood or refused, and a place touches nothing else on it."""

from pathlib import Path

import pytest

from broker import topology
from node.sandbox.existing_broker import (
    AUTHORITY_VARIABLE,
    PASSWORD_VARIABLE,
    BadBrokerAddress,
    place_definitions,
    read_address,
)

PASSWORD = {PASSWORD_VARIABLE: "a secret"}


@pytest.mark.parametrize(
    ("text", "url", "ports"),
    [
        ("https://admin@broker.example", "https://broker.example:15671", {}),
        ("https://admin@broker.example:443/rabbit", "https://broker.example:443/rabbit", {}),
        ("https://admin@broker.example?amqps=5672", "https://broker.example:15671", {"amqps": 5672}),
        ("http://admin@localhost", "http://localhost:15672", {}),
        ("http://admin@127.0.0.1:8080?amqp=5673", "http://127.0.0.1:8080", {"amqp": 5673}),
        ("http://admin@[::1]", "http://[::1]:15672", {}),
    ],
)
def test_an_address_is_understood(text: str, url: str, ports: dict[str, int]) -> None:
    way = read_address(text, PASSWORD)

    assert (way.management.url, way.management.user, way.ports) == (url, "admin", ports)
    assert way.management.password.get_secret_value() == "a secret"
    assert "a secret" not in repr(way)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("amqp://guest:guest@localhost:5672", "AMQP address is not enough"),
        ("amqps://admin@broker.example", "AMQP address is not enough"),
        ("https://admin:a%20secret@broker.example", "password on the command line"),
        ("http://admin@broker.example", "travel to broker.example in the clear"),
        ("http://admin@10.0.0.7:15672", "travel to 10.0.0.7 in the clear"),
        ("https://broker.example", "administrator's name is missing"),
        ("https://admin@broker.example:port", "can't be read"),
        ("https://admin@broker.example?amqps=many", "can't be read"),
        ("https://admin@broker.example?mqtt=1883", "two kinds"),
        ("ftp://admin@broker.example", "no address of a management API"),
        ("", "no address of a management API"),
    ],
)
def test_another_form_is_refused_with_the_remedy(text: str, why: str) -> None:
    with pytest.raises(BadBrokerAddress, match=why) as refused:
        read_address(text, PASSWORD)
    assert "https://USER@HOST:15671" in str(refused.value)
    assert "secret" not in str(refused.value)


def test_without_a_password_the_variable_is_named() -> None:
    with pytest.raises(BadBrokerAddress, match=f"{PASSWORD_VARIABLE} is not set"):
        read_address("https://admin@broker.example", {})


def test_a_file_that_holds_no_certificate_is_named(tmp_path: Path) -> None:
    file = tmp_path / "authority.pem"
    for content in (None, "no certificate"):
        if content is not None:
            file.write_text(content)
        with pytest.raises(BadBrokerAddress, match=r"authority\.pem"):
            read_address("https://admin@broker.example", {**PASSWORD, AUTHORITY_VARIABLE: str(file)})


def test_a_place_names_nothing_outside_itself() -> None:
    document = place_definitions("imi-trial-1", {"DE": "one", "EC": "two"})

    assert {entry["name"] for entry in document["vhosts"]} == {"imi-trial-1"}
    assert {entry["name"] for entry in document["users"]} == {"imi-trial-1-DE", "imi-trial-1-EC"}
    for section in ("permissions", "topic_permissions", "exchanges", "queues", "bindings"):
        assert {entry["vhost"] for entry in document[section]} == {"imi-trial-1"}, section
    assert {entry["user"] for entry in document["permissions"]} == {"imi-trial-1-DE", "imi-trial-1-EC"}
    assert not any(password in str(document) for password in ("'one'", "'two'"))


def test_in_a_place_a_node_may_do_what_it_may_in_the_federation() -> None:
    rights = {"configure", "write", "read"}
    [own] = place_definitions("imi-trial-1", {"DE": "one"})["permissions"]
    [usual] = topology.node_definitions("DE")["permissions"]
    assert {name: own[name] for name in rights} == {name: usual[name] for name in rights}
