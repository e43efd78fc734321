"""The files that a node is deployed with say what the code needs, and agree with each other."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from broker.provision import Ports, _configuration

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE_FILE = ROOT / "docker-compose.yml"

# The keys of the Compose specification that we use; another one is a slip, or belongs here.
SERVICE_KEYS = {
    *("image", "build", "user", "hostname", "entrypoint", "command", "restart", "depends_on", "healthcheck"),
    *("volumes", "tmpfs", "read_only", "cap_drop", "security_opt", "networks", "network_mode"),
}


class Strict(yaml.SafeLoader):
    """Refuses a key that stands twice, where YAML's usual loader takes the later one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - as in yaml
        keys = [key.value for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"a key stands twice in {keys}"
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> Any:
    return yaml.load(path.read_text(), Loader=Strict)  # noqa: S506 - a SafeLoader


def services() -> dict[str, dict[str, Any]]:
    return dict(read_yaml(COMPOSE_FILE)["services"])


def nodes() -> list[str]:
    """The nodes that the setup service founds."""
    return list(services()["setup"]["command"][1:])


def settings(text: str) -> dict[str, str]:
    """The settings of a file that has one a line, `key=value` or `key = value`."""
    lines = [line for line in text.splitlines() if "=" in line and not line.startswith("#")]
    return {key.strip(): value.strip() for key, value in (line.split("=", 1) for line in lines)}


def run(*command: str | Path, environment: dict[str, str] | None = None) -> str:
    """Run a command that must succeed; returns what it said."""
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def instructions() -> list[list[str]]:
    """The Containerfile, each instruction split into words."""
    text = (DEPLOY / "Containerfile").read_text().replace("\\\n", " ")
    return [line.split() for line in text.splitlines() if line and not line.startswith("#")]


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def has_docker_compose() -> bool:
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode == 0


def test_compose_accepts_the_file() -> None:
    document = read_yaml(COMPOSE_FILE)

    assert document.keys() == {"name", "x-node", "services", "networks", "volumes"}
    assert {key for service in services().values() for key in service} <= SERVICE_KEYS
    if has_docker_compose():
        run("docker", "compose", "-f", COMPOSE_FILE, "config", "--quiet")


def test_three_member_states_the_commission_and_a_broker() -> None:
    assert nodes() == ["EC", "IT", "CY", "DE"]
    assert services().keys() == {"setup", "rabbitmq", *(node.lower() for node in nodes())}


def test_a_node_sees_its_own_folder_and_no_other() -> None:
    for node in nodes():
        assert services()[node.lower()]["volumes"] == [f"{node.lower()}:/var/lib/imi"]
        assert f"{node.lower()}:/federation/{node}" in services()["setup"]["volumes"]


def test_every_volume_is_declared_and_every_mounted_file_is_there() -> None:
    mounts = [mount.split(":") for service in services().values() for mount in service.get("volumes", [])]

    files = [mount for mount in mounts if mount[0].startswith(".")]
    volumes = {mount[0] for mount in mounts if not mount[0].startswith(".")}

    assert volumes == read_yaml(COMPOSE_FILE)["volumes"].keys()
    assert files
    assert all((ROOT / source).is_file() for source, *_ in files)
    assert all(mode == "ro" for *_, mode in files)


def test_nothing_starts_before_the_federation_is_founded() -> None:
    for name, service in services().items():
        if name != "setup":
            assert service["depends_on"]["setup"] == {"condition": "service_completed_successfully"}
    for node in nodes():
        assert services()[node.lower()]["depends_on"]["rabbitmq"] == {"condition": "service_healthy"}


def test_images_are_pinned_to_a_minor_release() -> None:
    bases = [words[1] for words in instructions() if words[0] == "FROM"]
    pinned = [*bases, services()["rabbitmq"]["image"]]

    assert all(re.fullmatch(r"docker\.io/library/[a-z]+:\d+\.\d+-[a-z-]+", image) for image in pinned), pinned
    assert re.search(r":4\.\d+-management$", pinned[-1])


def test_the_image_holds_what_the_checkout_has_installed_by_hash_and_runs_as_nobody_special() -> None:
    steps = instructions()
    copied = [words[1] for words in steps if words[0] == "COPY" and not words[1].startswith("--from")]
    admitted = (DEPLOY / "Containerfile.dockerignore").read_text().splitlines()
    last = [words for words in steps if words[0] in ("USER", "ENTRYPOINT")]

    assert all((ROOT / source).exists() for source in copied)
    assert {f"!{source}" for source in copied} == {line for line in admitted if line.startswith("!")}
    assert last[0] == ["USER", "imi"]
    assert any({"install", "--require-hashes", "--only-binary", "requirements/run.lock"} <= set(step) for step in steps)


def test_the_service_is_confined() -> None:
    service = settings((DEPLOY / "imi-node.service").read_text())

    assert service["ExecStart"].endswith(" -m node node run /var/lib/imi")
    assert service["ProtectSystem"] == "strict"
    assert (service["StateDirectory"], service["StateDirectoryMode"]) == ("imi", "0700")
    assert service["User"] != "root"
    assert service["CapabilityBoundingSet"] == ""
    for name in ("NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices", "MemoryDenyWriteExecute"):
        assert service[name] == "true"


def test_the_deployed_broker_is_as_strict_as_the_one_that_tests_run_against(tmp_path: Path) -> None:
    deployed = settings((DEPLOY / "rabbitmq" / "rabbitmq.conf").read_text())
    tested = settings(_configuration(tmp_path, Ports(amqps=1, management=2, distribution=3, epmd=4)))

    shared = [
        key
        for key in tested
        if re.match(r"auth_|ssl_cert_|ssl_options\.(verify|fail|versions)|max_|listeners\.tcp", key)
    ]

    assert len(shared) == 8
    assert {key: deployed[key] for key in shared} == {key: tested[key] for key in shared}


@pytest.mark.parametrize("command", [["node", "run"], ["node", "status"]])
def test_the_commands_that_the_deployment_calls_exist(command: list[str]) -> None:
    run(sys.executable, "-m", "node", *command, "--help")


def test_the_set_up_of_compose_makes_what_the_containers_are_given(tmp_path: Path) -> None:
    # given: `imi` on the search path, as in the image
    door = tmp_path / "bin" / "imi"
    door.parent.mkdir()
    door.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m node "$@"\n')
    door.chmod(0o755)
    path = f"{door.parent}{os.pathsep}{os.environ['PATH']}"
    own = f"{os.getuid()}:{os.getgid()}"
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "NODE_OWNER": own, "BROKER_OWNER": own}
    folder = tmp_path / "federation"

    # when: it runs twice
    run("sh", DEPLOY / "compose-setup.sh", folder, "EC", "IT", environment=environment)
    made = contents(folder)
    again = run("sh", DEPLOY / "compose-setup.sh", folder, "EC", "IT", environment=environment)

    # then: each node is ready, the broker has all that its configuration names, and the second run changed nothing
    for node in ("EC", "IT"):
        assert tomllib.loads((folder / node / "node.toml").read_text())["broker"] == "amqps://rabbitmq:5671"
        assert {path.name for path in (folder / node / "link").iterdir()} == {"ca.pem", "node.pem", "node.key"}
        assert (folder / node / "trust" / "directory.json").exists()
    named = re.findall(r"/etc/imi-broker/(\S+)$", (DEPLOY / "rabbitmq" / "rabbitmq.conf").read_text(), re.MULTILINE)
    assert sorted(named) == sorted(path.name for path in (folder / "broker").iterdir())
    queues = [queue["name"] for queue in json.loads((folder / "broker" / "definitions.json").read_text())["queues"]]
    assert {"inbox.EC", "inbox.IT"} <= set(queues)
    assert again == "The federation is there already.\n"
    assert contents(folder) == made


def test_publiccode_says_what_the_project_says() -> None:
    described = read_yaml(ROOT / "publiccode.yml")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    english = described["description"]["en"]

    assert described["legal"]["license"] == project["license"]
    assert (ROOT / "LICENSES" / f"{project['license']}.txt").is_file()
    assert len(english["shortDescription"]) <= 150
    assert 150 <= len(english["longDescription"]) <= 10_000
    assert project["requires-python"] == f">={described['dependsOn']['open'][0]['versionMin']}"
