"""What a comparison needs before it can begin: room, packages, inputs and a Flowglass.

Everything is made below `target/compare` and used again. Must not import any of the packages.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from trouble import Trouble

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PLACE = ROOT / "target" / "compare"
REQUIREMENTS = HERE / "requirements.txt"
# Packages, unpacked.
PACKAGES_BYTES = 1_500_000_000
MEBIBYTE = 1 << 20
# What a machine of a company's day logs as VNet flow logs, about (crates/sim/examples/company.rs).
BYTES_PER_INTERFACE_DAY = 2_130_000


def check_space(input_bytes):
    """Inputs stay, and what a program writes stands there for a moment: five times the input holds both."""
    PLACE.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(PLACE).free
    needed = 5 * input_bytes + (0 if (PLACE / "venv").exists() else PACKAGES_BYTES)
    if free < needed:
        raise Trouble(
            f"{free / 1e9:.1f} GB are free below `{PLACE}`, about {needed / 1e9:.1f} GB are needed",
            "make room there, or ask for less",
        )


def python():
    """The Python of a virtual environment that has the pinned packages; built once per set of pins."""
    if sys.version_info < (3, 11):
        raise Trouble(
            f"Python {sys.version.split()[0]} is too old for the packages of `{REQUIREMENTS.name}`",
            "run this with Python 3.11 or newer",
        )
    venv = PLACE / "venv"
    program = venv / "bin" / "python"
    stamp = venv / "requirements.txt"
    wanted = REQUIREMENTS.read_text()
    if program.exists() and stamp.exists() and stamp.read_text() == wanted:
        return program
    print(f"installing the packages of {REQUIREMENTS.relative_to(ROOT)} into {venv.relative_to(ROOT)}")
    shutil.rmtree(venv, ignore_errors=True)
    try:
        call([sys.executable, "-m", "venv", str(venv)])
    except subprocess.CalledProcessError as error:
        raise Trouble(
            f"cannot make a Python environment: {last_line(error)}",
            "on Debian, `apt-get install python3-venv`",
        ) from None
    pip = [str(program), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    try:
        call([*pip, "--only-binary", ":all:", "--requirement", str(REQUIREMENTS)])
    except subprocess.CalledProcessError as error:
        raise Trouble(
            f"cannot install the packages of `{REQUIREMENTS.name}`: {last_line(error)}",
            "this needs PyPI: check the network, or name a mirror in PIP_INDEX_URL",
        ) from None
    # The stamp comes last: an interrupted install is done again.
    stamp.write_text(wanted)
    return program


def call(command):
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)


def last_line(error):
    lines = [line for line in (error.stderr or error.stdout or "").splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines or [f"exit code {error.returncode}"])[0].removeprefix("ERROR: ")


def cargo(*arguments, **settings):
    """Runs cargo, by way of the variable that cargo itself sets."""
    program = os.environ.get("CARGO", "cargo")
    try:
        return subprocess.run([program, *arguments], check=True, cwd=ROOT, **settings)
    except FileNotFoundError:
        raise Trouble(
            f"`{program}` is not installed", "install Rust from https://rustup.rs, or name it in CARGO"
        ) from None
    except subprocess.CalledProcessError as error:
        raise Trouble(
            f"`cargo {' '.join(arguments)}` ended with {error.returncode}", "its own messages stand above"
        ) from None


def flowglass(path):
    """The binary to compare: the one named, or a release build."""
    if path is not None:
        found = Path(path).resolve()
        if not os.access(found, os.X_OK) or found.is_dir():
            raise Trouble(f"`{path}` is not a program", "name a built `flowglass` binary")
        version(found)
        return found
    print("building flowglass as a release; from nothing this takes 40 minutes on two cores")
    print("hint: `--flowglass PATH` takes a binary that is there already")
    cargo("build", "--release", "--locked", "--package", "cli")
    return target() / "release" / "flowglass"


def version(binary):
    """What the binary says it is."""
    told = subprocess.run([binary, "--version"], capture_output=True, text=True)
    name, _, number = told.stdout.strip().partition(" ")
    if told.returncode != 0 or name != "flowglass":
        raise Trouble(f"`{binary}` is not a `flowglass`", "name a built binary")
    return number


def target():
    return Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))


def blob(size):
    """One blob of about so many bytes."""
    folder = PLACE / "inputs"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"blob-{size}.json"
    if not path.exists():
        print(f"making one blob of {size / 1e6:,.0f} MB")
        part = path.with_suffix(".part")
        with open(part, "wb") as file:
            cargo("run", "--quiet", "--package", "sim", "--example", "big_blob", "--", str(size), stdout=file)
        part.rename(path)
    return path


def make_company(logs, interfaces, hours, *profile):
    """Logs of a made-up company, whole or not at all; its exports stand beside them, with `.facts` behind their name."""
    print(f"making {hours} hours of {interfaces} interfaces")
    part = logs.with_name(logs.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    run = ("run", "--quiet", *profile, "--package", "sim", "--example", "company", "--")
    cargo(*run, str(part), str(interfaces), str(hours))
    part.rename(logs)


def folder_of_blobs(size):
    """VNet flow logs of a company's day, about so many bytes, one blob per interface and hour."""
    interfaces = max(13, round(size / BYTES_PER_INTERFACE_DAY))
    company = PLACE / "inputs" / f"company-{interfaces}"
    if not company.exists():
        make_company(company, interfaces, 24)
    # The container of VNet flow logs; the peers' programs read no others.
    return company / "insights-logs-flowlogflowevent"


def files_of(path):
    files = [path] if path.is_file() else sorted(path.rglob("*.json"))
    if not files:
        raise Trouble(f"`{path}` is no blob, nor a folder that holds `.json` files", "name one that is there")
    return files


def size_of(path):
    return sum(file.stat().st_size for file in files_of(path))


def warm(path):
    """Reads the input once, so that no program pays for the disk; gives its size and number of files."""
    files = files_of(path)
    for file in files:
        with open(file, "rb") as opened:
            while opened.read(MEBIBYTE):
                pass
    return size_of(path), len(files)
