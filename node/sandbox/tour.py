"""The end of a demo: what its two stories prove, and what the visitor can try."""

from pathlib import Path

from node.areas import load_areas
from node.ceremony.federation import ROOT_FILE
from node.sandbox.cluster import Arrangement, Cluster
from node.sandbox.play import Played
from node.sandbox.proof import NotProven, files_naming
from node.sandbox.stage import Stage
from node.verify import read_archive, verify_evidence
from schemas.identifiers import COMMISSION
from schemas.parties import party_name


async def show_proof(cluster: Cluster, request: Played, stage: Stage) -> Path:
    """Show that the Commission has no trace of the request, and that its evidence verifies offline.

    Returns:
        The file with the evidence.

    Raises:
        NotProven: a trace was found, or the evidence does not verify.
    """
    stage.heading("What this proves")
    await _show_absence(cluster, request, stage)
    return await _show_evidence(cluster, request, stage)


async def _show_absence(cluster: Cluster, request: Played, stage: Stage) -> None:
    held = [exchange.id for exchange in await cluster[COMMISSION].client.exchanges()]
    traces, searched = files_naming(cluster.folder / COMMISSION, request.case)
    if request.case in held or traces:
        raise NotProven(f"the Commission's node has a trace of {request.case}: {', '.join(map(str, traces))}")
    if not files_naming(cluster.folder / request.author, request.case)[0]:
        raise NotProven(f"the search finds {request.case} not even at {request.author}, so it proves nothing")
    stage.say(f"  The Commission's node holds {len(held)} exchange, {', '.join(held)}.")
    stage.say(f"  Of {request.case} it knows nothing: not one byte in the {searched} files of its folder names it.")


async def _show_evidence(cluster: Cluster, request: Played, stage: Stage) -> Path:
    file = cluster.folder / f"{request.case}.zip"
    file.write_bytes(await cluster[request.author].client.evidence(request.case))
    pinned = (cluster[request.addressed].config.trust / ROOT_FILE).read_text()
    verdict = verify_evidence(read_archive(file), areas=load_areas(cluster.folder), root=pinned)
    if not verdict.proven:
        raise NotProven(f"the evidence of {request.case} does not hold: {'; '.join(verdict.problems)}")
    receipts = sum(len(told.deliveries) for told in verdict.told)
    author, other = party_name(request.author), party_name(request.addressed)
    stage.say(f"  {author}'s evidence of it: {len(verdict.told)} signed statements and {receipts} receipts.")
    stage.say(f"  Checked offline by the root that {other} pinned, all of them hold, and none is missing.")
    return file


def suggest(cluster: Cluster, request: Played, evidence: Path, stage: Stage) -> None:
    """Say what to try next: commands to copy into another terminal."""
    stage.heading("Try next, in another terminal")
    folder, addressed = cluster.folder, request.addressed
    name = party_name(addressed)
    root = cluster[addressed].config.trust / ROOT_FILE
    commands = [(f"./imi verify {evidence} --root {root}", "Check the evidence of the request, offline.")]
    if cluster.arrangement is Arrangement.PROCESSES:
        commands = [
            (f"./imi node status {folder}/{addressed}", f"How {name}'s node is."),
            (f"./imi exchange list {folder}/{COMMISSION}", "What the Commission has: the notification only."),
            (f"./imi exchange show {folder}/{addressed} {request.case} --all", f"The request, as {name} sees it."),
            *commands,
            (
                f"kill -9 -{cluster[addressed].process_group}",
                f"Kill {name}'s node: it comes back, and lost nothing.",
            ),
        ]
    if cluster.rabbit is not None:
        commands.append((f"kill -9 $(cat {folder}/rabbitmq/server.pid)", "Kill the broker: the same."))
    stage.commands(commands)
    stage.say()
    stage.say(("Up, and watching. Ctrl-C ends the demo and removes all of it.", "bold"))
