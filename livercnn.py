"""The ``livercnn`` command: a table of commands, each loaded only when it is asked for.

A command is a module with ``SUMMARY``, ``add_arguments(parser)`` and ``run(args, progress) -> int``. It
imports only the standard library at its top, so that ``--help`` answers at once; heavy imports belong inside
``run``.

Exit codes: 0 done; 1 our fault; 2 the input or the arguments are wrong; 130 cancelled (Ctrl-C, SIGTERM or
SIGHUP); 141 the reader of our output went away. Wrong input is one line on stderr:
``livercnn: error: <sentence> [id]``. With ``LIVERCNN_DEBUG=1`` a fault of ours prints its traceback, and
libraries log what they do.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import importlib
import logging
import os
import re
import signal
import sys
import threading
import traceback
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Callable, NamedTuple, NoReturn

from livercnn_progress import MODES, progress_display
from LiverCoreLib.errors import Cancelled, LiverCNNError
from LiverCoreLib.extras import MissingPackage

__version__ = "0.1.0"

Progress = Callable[[float, str], None]

_logger = logging.getLogger(__name__)


class Command(NamedTuple):
    """Where a command lives. ``extra`` names the optional dependencies that it needs, if any."""

    module: str
    summary: str
    extra: str | None = None


COMMANDS: dict[str, Command] = {
    "segment": Command("LiverSegmentCNNLib.command", "segment the liver in a CT"),
    "segment-folder": Command(
        "LiverSegmentCNNLib.command_folder", "segment the liver in every CT of a folder"
    ),
    "compare": Command("LiverMetricsLib.command", "measure how masks agree: two files, or many pairs"),
    "cohort": Command(
        "LiverMetricsLib.command_cohort",
        "tables, figures and a report from a table of measured masks",
        "report",
    ),
    "standardize": Command(
        "LiverStandardizeLib.command_standardize",
        "make a CT of any of six reconstructions look like one: 80 keV",
    ),
    "protocol": Command("LiverStandardizeLib.command_protocol", "say which reconstruction a CT is, and why"),
    "models": Command("LiverCoreLib.command_models", "list, show, verify, install and export models"),
    "phantom": Command(
        "LiverStandardizeLib.command_phantom",
        "make a synthetic abdomen in the six protocols, or measure the CT simulation (--verify)",
    ),
    "simulate": Command(
        "LiverStandardizeLib.command_simulate",
        "show a real CT in the six protocols, or under stress: dose, kernel, keV, iodine, thickness",
    ),
    "demo": Command(
        "livercnn_demo.command",
        "segment a synthetic abdomen in six reconstructions, or a scan, and draw the result",
        "demo",
    ),
    "train": Command("livercnn_training.command_train", "train a network by a recipe", "train"),
    "evaluate": Command(
        "livercnn_training.command_evaluate",
        "measure a model on labelled scans, or a standardizer on exams in six protocols",
        "train",
    ),
    "experiments": Command(
        "livercnn_training.command_experiments",
        "measure what protocols and standardization do to segmentation, and choose the target protocol",
        "report",
    ),
    "audit": Command(
        "livercnn_training.command_audit",
        "look labelled scans over: headers, labels, scans that are there twice",
        "train",
    ),
    "pack": Command(
        "livercnn_training.command_pack", "pack labelled scans into one file for training", "train"
    ),
    "pack-sections": Command(
        "livercnn_training.command_pack_sections",
        "pack sections of phantoms and CTs into one file for training the standardizer",
        "train",
    ),
    "pack-pairs": Command(
        "livercnn_training.command_pack_pairs",
        "pack one's own paired reconstructions into one file for training the standardizer",
        "train",
    ),
}

_OUR_PACKAGES = (
    "LiverCoreLib",
    "LiverMetricsLib",
    "LiverSegmentCNNLib",
    "LiverStandardizeLib",
    "livercnn",
    "livercnn_demo",
    "livercnn_training",
)


class UsageError(LiverCNNError):
    """The command line itself is wrong."""

    id = "wrong-arguments"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code.

    Args:
        argv: Arguments without the program's name; None takes them from ``sys.argv``.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        with _signals_interrupt() as interruption:
            code = _dispatch(arguments, interruption)
            sys.stdout.flush()
            return code
    except SystemExit as stop:  # argparse leaves this way after --help and --version
        return int(stop.code or 0)
    except LiverCNNError as error:
        _logger.debug("The error was raised here:", exc_info=True)
        _say(f"error: {error} [{error.id}]")
        return error.exit_code
    except KeyboardInterrupt:
        cancelled = Cancelled()
        _say(f"error: {cancelled} [{cancelled.id}]")
        return cancelled.exit_code
    except BrokenPipeError:
        # Python flushes stdout once more at exit and would complain about the same pipe again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Exception as error:  # noqa: BLE001  the last resort: whatever is left is our fault, in one line
        if _debugging():
            traceback.print_exc()
        _say(
            f"internal error: {type(error).__name__}: {error}; this is a fault of livercnn: run it again "
            "with LIVERCNN_DEBUG=1 and report what it prints [internal-error]"
        )
        return 1


def _dispatch(arguments: list[str], interruption: _Interruption) -> int:
    if not arguments or arguments[0].startswith("-"):
        _root_parser().parse_args(arguments)
        _root_parser().print_help()
        return 0
    name, *rest = arguments
    if name not in COMMANDS:
        raise UsageError(
            f"There is no command {name!r}{_did_you_mean(name, COMMANDS)} See `livercnn --help`.",
            id="unknown-command",
        )
    _set_up_logging()
    with _missing_packages_are_plain(name):
        module = importlib.import_module(COMMANDS[name].module)
        args = _parse(_command_parser(name, module), rest)
        with progress_display(args.progress) as show:
            return int(module.run(args, _stoppable(show, interruption)))


# --- arguments --------------------------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    """argparse with our one-line errors."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see `{self.prog} --help`.")


def _root_parser() -> argparse.ArgumentParser:
    width = max(map(len, COMMANDS))
    table = "\n".join(f"  {name:<{width}}  {command.summary}" for name, command in COMMANDS.items())
    parser = _Parser(
        prog="livercnn",
        usage="livercnn COMMAND [ARGUMENTS]",
        description="Segment the liver in CT and measure how masks agree. For research use only.",
        epilog=f"commands:\n{table}\n\n`livercnn COMMAND --help` explains each.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"livercnn {__version__}")
    return parser


def _command_parser(name: str, module: Any) -> argparse.ArgumentParser:
    parser = _Parser(
        prog=f"livercnn {name}",
        description=f"{module.SUMMARY[0].upper()}{module.SUMMARY[1:]}.",
        allow_abbrev=False,
    )
    module.add_arguments(parser)
    _add_progress(parser)
    return parser


def _add_progress(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--progress",
        choices=MODES,
        default=MODES[0],
        help="auto: a bar on a terminal (default); json: everything on stdout as JSON lines; none: silent",
    )


def _parse(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> argparse.Namespace:
    # Taken out first, so that it is understood after a subcommand (`models list --progress json`), too.
    common = _Parser(prog=parser.prog, add_help=False, allow_abbrev=False)
    _add_progress(common)
    taken, arguments = common.parse_known_args(arguments)
    args, unknown = parser.parse_known_args(arguments)
    args.progress = taken.progress
    if unknown:
        options = re.findall(r"--[a-z][a-z-]*", parser.format_help())
        hint = _did_you_mean(unknown[0].partition("=")[0], options)
        raise UsageError(f"There is no option {unknown[0]!r}{hint} See `{parser.prog} --help`.")
    return args


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else "."


@contextlib.contextmanager
def _missing_packages_are_plain(name: str) -> Iterator[None]:
    """Turn the absence of a third-party package into one sentence that says how to install it."""
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if not package or package in _OUR_PACKAGES:  # a module of ours that is not there is our fault
            raise
        extra = COMMANDS[name].extra
        target = f"slicer-livercnn[{extra}]" if extra else "slicer-livercnn"
        raise MissingPackage(
            f"`livercnn {name}` needs the Python package {package!r}, which is not installed; "
            f'`pip install "{target}"` brings it.',
            package=package,
        ) from error


# --- interruption -----------------------------------------------------------------------------------------


class _Interruption:
    """Counts the requests to stop. The first raises KeyboardInterrupt, so that context managers clean up."""

    def __init__(self) -> None:
        self.requests = 0

    def __call__(self, signal_number: int, _frame: Any) -> None:
        self.requests += 1
        if self.requests == 1:
            raise KeyboardInterrupt
        # The second is let pass: people press Ctrl-C twice, and cleaning up must not be cut short. The third
        # finds something stuck, and the system's own way takes over.
        if self.requests >= 3:
            signal.signal(signal_number, signal.SIG_DFL)
            signal.raise_signal(signal_number)


@contextlib.contextmanager
def _signals_interrupt() -> Iterator[_Interruption]:
    """Let SIGINT, SIGTERM and SIGHUP interrupt the command; ignored ones (nohup) stay ignored."""
    interruption = _Interruption()
    previous = {}
    if threading.current_thread() is threading.main_thread():
        for signal_name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, signal_name, None)  # Windows has no SIGHUP
            if number is not None and signal.getsignal(number) != signal.SIG_IGN:
                previous[number] = signal.signal(number, interruption)
    try:
        yield interruption
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _stoppable(show: Progress, interruption: _Interruption) -> Progress:
    """A progress function that stops the work where a library has swallowed the KeyboardInterrupt."""

    def progress(fraction: float, message: str) -> None:
        if interruption.requests:
            raise Cancelled()
        show(min(max(float(fraction), 0.0), 1.0), message)

    return progress


# --- messages ---------------------------------------------------------------------------------------------


def _say(text: str) -> None:
    """One line on stderr, whatever the text holds."""
    print("livercnn: " + " ".join(text.split()), file=sys.stderr)


class _StandardError(logging.Handler):
    """Log lines on whatever stderr is at the moment: the progress bar stands in for it to keep its line."""

    def emit(self, record: logging.LogRecord) -> None:
        print(self.format(record), file=sys.stderr)


def _set_up_logging() -> None:
    """Warnings of all libraries; with LIVERCNN_DEBUG also what our own do."""
    logging.basicConfig(handlers=[_StandardError()], format="livercnn: %(levelname)s: %(message)s")
    if _debugging():
        for package in _OUR_PACKAGES:
            logging.getLogger(package).setLevel(logging.DEBUG)


def _debugging() -> bool:
    return os.environ.get("LIVERCNN_DEBUG", "") not in ("", "0")


if __name__ == "__main__":
    sys.exit(main())
