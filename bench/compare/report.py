"""Figures as text. Knows how a comparison is kept (see run.py), and runs nothing."""

from statistics import median

MINE = "flowglass"
HEAD = ("program", "seconds", "range", "GB/s", "CPU s/GB", "peak MB", "written MB", "B/row", "time", "CPU")


def counted(run):
    """A peer's libraries are loaded before its time begins; Flowglass's time begins with its process."""
    return run["wall"] - run["loading"]


def processor(run):
    return run["cpu"] - run["loading_cpu"]


def timed(case):
    return {name: told["runs"] for name, told in case["programs"].items() if told["runs"]}


def fastest_peer(case, cost):
    peers = {name: runs for name, runs in timed(case).items() if name != MINE}
    return min(peers, key=lambda name: median(map(cost, peers[name])), default=None)


def ratio(case, name, other, cost):
    """The median of the ratios of each round: a busy minute disturbs both alike."""
    if other is None:
        return None
    pairs = zip(timed(case)[name], timed(case)[other])
    return median(cost(run) / cost(than) for run, than in pairs)


def row(case, name, fastest):
    runs = timed(case)[name]
    seconds = sorted(map(counted, runs))
    gigabytes = case["bytes"] / 1e9
    ratios = [ratio(case, name, fastest[cost], cost) for cost in (counted, processor)]
    return (
        name,
        f"{median(seconds):.2f}",
        f"{seconds[0]:.2f} to {seconds[-1]:.2f}",
        f"{gigabytes / median(seconds):.3f}",
        f"{median(map(processor, runs)) / gigabytes:.1f}",
        f"{max(run['peak_bytes'] for run in runs) / 1e6:,.0f}",
        f"{runs[-1]['written'] / 1e6:.1f}",
        f"{runs[-1]['written'] / case['rows']:.2f}",
        *("-" if ratio is None else f"{ratio:.2f}" for ratio in ratios),
    )


def case_text(case):
    fastest = {cost: fastest_peer(case, cost) for cost in (counted, processor)}
    rows = sorted((row(case, name, fastest) for name in timed(case)), key=lambda row: float(row[1]))
    blobs = "1 blob" if case["files"] == 1 else f"{case['files']:,} blobs"
    lines = [
        f"{case['name']}: {case['bytes']:,} bytes, {blobs}, {case['rows'] or 0:,} rows",
        *table([HEAD, *rows]),
    ]
    for name, told in case["programs"].items():
        if told["trouble"]:
            lines.append(f"{name}: {told['trouble']}")
    if fastest[counted]:
        lines.append(
            "time and CPU: how many times those of the peer that needs least"
            f" ({fastest[counted]}, {fastest[processor]}), median of the rounds' ratios"
        )
    return "\n".join(lines)


def table(rows):
    widths = [max(map(len, column)) for column in zip(*rows)]
    return [
        "  ".join(
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths))
        )
        for row in rows
    ]


def text(comparison):
    machine = comparison["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in comparison["versions"].items())
    head = [
        f"# {comparison['command']}",
        f"# {comparison['when']}, {machine['processor']}, {machine['cores']} of"
        f" {machine['cores_there']} cores, {machine['memory_gb']} GB, {machine['system']};"
        f" load {machine['load']}",
        f"# {versions}",
        *(f"# {line}" for line in comparison["terms"]),
    ]
    return "\n\n".join(["\n".join(head), *map(case_text, comparison["cases"])]) + "\n"
