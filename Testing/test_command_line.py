"""The ``livercnn`` command: light help, exit codes, one-line errors, progress and interruption."""

from __future__ import annotations

import importlib
import io
import json
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

import livercnn
from LiverCoreLib.errors import Cancelled, LiverCNNError

REPOSITORY = Path(__file__).resolve().parent.parent
HEAVY = ["torch", "SimpleITK", "numpy", "scipy", "skimage", "matplotlib", "yaml", "jsonschema", "safetensors"]


class WrongInput(LiverCNNError):
    id = "wrong-input"


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch):
    """Register a command ``try`` whose ``run`` is given, and return ``livercnn.main`` for it."""

    def register(run):
        module = ModuleType("fake_command")
        module.SUMMARY = "try something"
        module.add_arguments = lambda parser: parser.add_argument("--threshold", type=float, default=0.5)
        module.run = run
        monkeypatch.setitem(sys.modules, "fake_command", module)
        monkeypatch.setitem(livercnn.COMMANDS, "try", livercnn.Command("fake_command", "try something"))
        return lambda *arguments: livercnn.main(["try", *arguments])

    return register


# --- help and the table -----------------------------------------------------------------------------------


ASK_FOR_HELP = [[], ["--help"], ["--version"], *([name, "--help"] for name in livercnn.COMMANDS)]


@pytest.mark.parametrize("arguments", ASK_FOR_HELP, ids=" ".join)
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    program = (
        "import sys, livercnn\n"
        f"code = livercnn.main({arguments!r})\n"
        f"heavy = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "assert code == 0, code\n"
        "assert not heavy, f'loaded {heavy}'\n"
    )
    finished = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.strip()


@pytest.mark.parametrize("name", livercnn.COMMANDS)
def test_the_table_repeats_each_commands_summary(name: str) -> None:
    module = importlib.import_module(livercnn.COMMANDS[name].module)
    assert livercnn.COMMANDS[name].summary == module.SUMMARY


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert livercnn.main([]) == 0
    printed = capsys.readouterr().out
    for name, command in livercnn.COMMANDS.items():
        assert name in printed
        assert command.summary in printed


# --- wrong arguments --------------------------------------------------------------------------------------


def test_a_mistyped_command_gets_a_suggestion(capsys: pytest.CaptureFixture[str]) -> None:
    assert livercnn.main(["segmnet", "ct.nii.gz"]) == 2
    expected = (
        "livercnn: error: There is no command 'segmnet'; did you mean 'segment'? "
        "See `livercnn --help`. [unknown-command]\n"
    )
    assert capsys.readouterr().err == expected


def test_an_unknown_command_without_likeness_gets_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert livercnn.main(["xyzzy"]) == 2
    expected = "livercnn: error: There is no command 'xyzzy'. See `livercnn --help`. [unknown-command]\n"
    assert capsys.readouterr().err == expected


def test_a_mistyped_option_gets_a_suggestion(command, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(lambda args, progress: 0)("--treshold", "1") == 2
    expected = (
        "livercnn: error: There is no option '--treshold'; did you mean '--threshold'? "
        "See `livercnn try --help`. [wrong-arguments]\n"
    )
    assert capsys.readouterr().err == expected


@pytest.mark.parametrize(
    "arguments",
    [["--threshold", "high"], ["--threshold"], ["surplus"], ["--progress", "loud"], ["--thresh", "1"]],
    ids=" ".join,
)
def test_wrong_arguments_are_one_line_and_exit_2(command, capsys, arguments: list[str]) -> None:
    assert command(lambda args, progress: 0)(*arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert printed.err.endswith("[wrong-arguments]\n")


# --- exit codes -------------------------------------------------------------------------------------------


def test_what_run_returns_is_the_exit_code(command) -> None:
    assert command(lambda args, progress: 0)() == 0


def test_wrong_input_is_one_line_and_exit_2(command, capsys: pytest.CaptureFixture[str]) -> None:
    def run(args, progress):
        raise WrongInput("There is no file 'ct.nii';\n check the path.")

    assert command(run)() == 2
    assert (
        capsys.readouterr().err
        == "livercnn: error: There is no file 'ct.nii'; check the path. [wrong-input]\n"
    )


@pytest.mark.parametrize("stop", [Cancelled(), KeyboardInterrupt()], ids=lambda error: type(error).__name__)
def test_cancelling_exits_130(command, capsys: pytest.CaptureFixture[str], stop: BaseException) -> None:
    def run(args, progress):
        raise stop

    assert command(run)() == 130
    assert capsys.readouterr().err.endswith("[cancelled]\n")


@pytest.mark.parametrize(("debug", "has_traceback"), [("", False), ("1", True)])
def test_our_fault_exits_1_and_says_how_to_report(command, capsys, monkeypatch, debug, has_traceback) -> None:
    def run(args, progress):
        raise ValueError("axis 3\nis out of bounds")

    monkeypatch.setenv("LIVERCNN_DEBUG", debug)
    assert command(run)() == 1
    printed = capsys.readouterr().err
    assert "internal error: ValueError: axis 3 is out of bounds; " in printed
    assert "LIVERCNN_DEBUG=1" in printed
    assert ("Traceback" in printed) == has_traceback
    assert has_traceback or printed.count("\n") == 1


def test_a_missing_package_names_the_cure(command, capsys: pytest.CaptureFixture[str]) -> None:
    def run(args, progress):
        import package_that_is_not_there  # noqa: F401

    assert command(run)() == 2
    printed = capsys.readouterr().err
    assert "needs the Python package 'package_that_is_not_there'" in printed
    assert 'pip install "slicer-livercnn"' in printed
    assert printed.endswith("[missing-package]\n")


def test_a_missing_module_of_ours_is_our_fault(command, capsys: pytest.CaptureFixture[str]) -> None:
    def run(args, progress):
        import LiverCoreLib.module_that_is_not_there  # noqa: F401

    assert command(run)() == 1
    assert "[internal-error]" in capsys.readouterr().err


# --- progress ---------------------------------------------------------------------------------------------


def report_and_print(args, progress) -> int:
    progress(-0.1, "reading")
    print("volume 1500 mL")
    progress(1.5, "done")
    print("unfinished line", end="")
    return 0


def test_progress_is_silent_where_there_is_no_terminal(command, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(report_and_print)() == 0
    printed = capsys.readouterr()
    assert printed.out == "volume 1500 mL\nunfinished line"
    assert printed.err == ""


def test_progress_json_puts_everything_on_stdout_as_json(command, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(report_and_print)("--progress", "json") == 0
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [
        {"type": "progress", "fraction": 0.0, "message": "reading"},
        {"type": "output", "text": "volume 1500 mL"},
        {"type": "progress", "fraction": 1.0, "message": "done"},
        {"type": "output", "text": "unfinished line"},
    ]


def test_progress_json_reports_the_error_on_both_streams(command, capsys: pytest.CaptureFixture[str]) -> None:
    def run(args, progress):
        raise WrongInput("Weiß nicht.")

    assert command(run)("--progress", "json") == 2
    printed = capsys.readouterr()
    assert json.loads(printed.out) == {"type": "error", "id": "wrong-input", "message": "Weiß nicht."}
    assert printed.out.isascii()
    assert printed.err.endswith("[wrong-input]\n")


def test_progress_is_understood_after_a_subcommand() -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "livercnn", "models", "list", "--progress", "json"],
        cwd=REPOSITORY, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr
    assert all(json.loads(line)["type"] == "output" for line in finished.stdout.splitlines())


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def warn_between_steps(args, progress) -> int:
    progress(0.5, "network")
    logging.getLogger("LiverSegmentCNNLib").warning("the liver touches the edge")
    return 0


def test_the_bar_makes_way_for_warnings(command, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])  # as in a fresh process
    assert command(warn_between_steps)() == 0
    on_screen = [line.rpartition("\r")[2] for line in terminal.getvalue().split("\n")]
    assert on_screen == ["livercnn: WARNING: the liver touches the edge", ""]


def test_the_bar_makes_way_for_output(command, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("COLUMNS", "60")
    assert command(report_and_print)() == 0
    shown = terminal.getvalue()
    assert "[....................]   0%" in shown
    assert "[####################] 100%" in shown
    on_screen = [line.rpartition("\r")[2] for line in shown.split("\n")]
    assert on_screen == ["volume 1500 mL", "unfinished line"]
    assert max(len(piece) for line in shown.split("\n") for piece in line.split("\r")) < 60


# --- interruption -----------------------------------------------------------------------------------------

DRIVER = """
import sys, time, types
import livercnn

def run(args, progress):
    from LiverCoreLib.output import atomic_path
    with atomic_path({target!r}) as temporary:
        with open(temporary, "w") as stream:
            stream.write("half")
        print("ready", flush=True)
        while True:
            {loop}

module = types.ModuleType("fake_command")
module.SUMMARY, module.add_arguments, module.run = "try", lambda parser: None, run
sys.modules["fake_command"] = module
livercnn.COMMANDS["try"] = livercnn.Command("fake_command", "try")
sys.exit(livercnn.main(["try"]))
"""

SWALLOWS_INTERRUPTS = """
            try:
                time.sleep(60)
            except KeyboardInterrupt:
                pass
            progress(0.5, "still here")
"""


@pytest.mark.skipif(os.name == "nt", reason="signals are sent as on POSIX")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("loop", ["time.sleep(60)", SWALLOWS_INTERRUPTS], ids=["plain", "swallowed"])
def test_a_signal_cleans_up_and_exits_130(tmp_path: Path, name: str, loop: str) -> None:
    program = DRIVER.format(target=str(tmp_path / "liver.nii.gz"), loop=loop)
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline() == "ready\n"
        assert list(tmp_path.iterdir()), "the temporary file should be there while the command runs"
        asked = time.monotonic()
        process.send_signal(getattr(signal, name))
        _, errors = process.communicate(timeout=10)
    finally:
        process.kill()
    assert time.monotonic() - asked < 2
    assert process.returncode == 130
    assert errors == "livercnn: error: Cancelled. [cancelled]\n"
    assert not list(tmp_path.iterdir())


def test_signal_handlers_are_given_back(command) -> None:
    before = signal.getsignal(signal.SIGTERM)
    assert command(lambda args, progress: 0)() == 0
    assert signal.getsignal(signal.SIGTERM) == before


@pytest.mark.skipif(os.name == "nt", reason="needs a shell")
def test_a_reader_that_goes_away_is_no_fault() -> None:
    finished = subprocess.run(
        f"{sys.executable} -m livercnn --help | head -c 1; exit ${{PIPESTATUS[0]}}",
        shell=True, executable="/bin/bash", cwd=REPOSITORY, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert finished.returncode in (0, 141)  # 0 where everything fitted into the pipe before it closed
    assert finished.stderr == ""
