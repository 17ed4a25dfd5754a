"""The training loop. Needs torch and numpy alone; runs on a CPU, a GPU, or several
(``torchrun --nproc-per-node N -m livercnn_training.loop ...``).

    python -m livercnn_training.loop --config RECIPE.json --pack TRAIN.npz --out FOLDER [--device cuda]

Takes up again from FOLDER/last.* when they are there. Writes ``log.jsonl``, ``last.safetensors`` and
``last.json`` (state), ``average.safetensors`` (the weights to export) and ``result.json`` at the end.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import os
import time
from pathlib import Path
from typing import Any, Callable

import torch
import torch.distributed as dist
from torch import nn

from livercnn_training import checkpoint
from livercnn_training.config import TrainConfig, load_config
from livercnn_training.players import learn, make_players, set_training_mode
from livercnn_training.trainers import make_trainer, open_training_data

log = logging.getLogger(__name__)
_PRECISION = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}


def learning_rate(config: TrainConfig, step: int) -> float:
    """Return the learning rate of a step (0-based)."""
    schedule, base = config.schedule, config.optimizer.learning_rate
    warm = min(1.0, (step + 1) / max(1, schedule.warmup_steps))
    if schedule.name == "stepped":
        epoch = max(0, step // schedule.steps_per_epoch - schedule.constant_epochs)
        return base * warm * float(schedule.factor ** (epoch // schedule.every_epochs))
    return base * warm * 0.5 * (1 + math.cos(math.pi * min(1.0, step / config.steps)))


def update_average(average: dict[str, torch.Tensor], module: nn.Module, decay: float, step: int) -> None:
    """Move the running average of the weights (and norms' statistics) towards the module."""
    decay = min(decay, (1 + step) / (10 + step))
    with torch.no_grad():
        for name, value in module.state_dict().items():
            if value.dtype.is_floating_point:
                average[name].lerp_(value, 1 - decay)
            else:
                average[name].copy_(value)


def train(
    config: TrainConfig,
    cases: list[Any],
    folder: Path,
    device: torch.device,
    stop_after_steps: int | None = None,
    stop_after_seconds: float | None = None,
    progress: Callable[[float, str], Any] | None = None,
    about: dict[str, Any] | None = None,
    initial_weights: Path | None = None,
) -> dict[str, Any]:
    """Train until the recipe's last step, or until told to stop, and return the run's summary.

    ``initial_weights``: an ``average.safetensors`` of an earlier run to start from (a fresh start only), see
    checkpoint.start_from.
    The same recipe, cases and number of processes give the same weights on a CPU whether or not the run was
    interrupted.
    """
    rank, world = (dist.get_rank(), dist.get_world_size()) if dist.is_initialized() else (0, 1)
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(config.seed)
    trainer = make_trainer(config, cases, device)
    module = trainer.module
    if initial_weights is not None:
        checkpoint.start_from(module.network, initial_weights)
    players = make_players(config, trainer, device)
    dtype = _PRECISION[config.precision] if device.type == "cuda" else torch.float32
    scaler = torch.amp.GradScaler(device.type, enabled=dtype == torch.float16)
    average = {name: value.detach().clone() for name, value in module.state_dict().items()}
    step, seconds, history = 0, 0.0, []
    if (folder / "last.json").is_file():
        step, saved_average, state = checkpoint.load(folder, players, scaler)
        average = {name: value.to(device) for name, value in saved_average.items()}
        seconds, history = state["seconds"], state["history"]
        log.info("taking up again at step %d", step)
    writer = _summary_writer(config, folder, rank)
    began, first_step, losses = time.monotonic(), step, []

    def elapsed() -> float:
        return seconds + time.monotonic() - began

    def save() -> None:
        if rank == 0:
            facts = {
                "config": config.to_dict(),
                "seconds": elapsed(),
                "history": history,
                "about": about or {},
                "hardware": hardware(device, world),
            }
            checkpoint.save(folder, step, players, average, scaler, facts)
            write_average(folder, average)

    while step < config.steps:
        norms_frozen = step >= config.freeze_norm_fraction * config.steps
        torch.manual_seed((config.seed * 1_000_003 + step) * 64 + rank)  # dropout
        batch = trainer.batch(step, rank)
        rate, largest_norm = learning_rate(config, step), config.optimizer.largest_gradient_norm
        for player in players:
            set_training_mode(player.module, norms_frozen)
        loss = [learn(player, batch, rate, largest_norm, dtype, scaler) for player in players][0]
        scaler.update()
        update_average(average, module, config.ema_decay, step)
        losses.append(loss)
        step += 1
        if step % 50 == 0 or step == config.steps:
            row = {"step": step, "loss": float(torch.stack(losses).mean()), "seconds": round(elapsed(), 1)}
            losses = []
            _report(row, folder, rank, writer, config, progress)
        if step % config.validation.every_steps == 0 or step == config.steps:
            figures = trainer.validate(average)
            if figures is not None:
                checked: dict[str, Any] = {"step": step, "validation": figures}
                history.append(checked)
                _report(checked, folder, rank, writer, config, None)
        stop = (stop_after_steps is not None and step - first_step >= stop_after_steps) or (
            stop_after_seconds is not None and time.monotonic() - began >= stop_after_seconds
        )
        if stop or step % config.checkpoint_steps == 0 or step == config.steps:
            save()
        if stop:
            break
    summary = {
        "steps": step,
        "finished": step >= config.steps,
        "seconds": round(elapsed(), 1),
        "history": history,
    }
    if rank == 0:
        checkpoint.write_json(folder / "result.json", summary)
    return summary


def write_average(folder: Path, average: dict[str, torch.Tensor]) -> None:
    """Write the averaged network (without the loss module around it) for export."""
    prefix = "network."
    arrays = {
        n[len(prefix) :]: v.cpu().contiguous().numpy() for n, v in average.items() if n.startswith(prefix)
    }
    checkpoint.write_tensors(folder / "average.safetensors", arrays)


def hardware(device: torch.device, processes: int) -> str:
    """Return a plain line on what the run computed on."""
    if device.type == "cuda":
        return f"{processes} x {torch.cuda.get_device_name(device)}, torch {torch.__version__}"
    return f"{processes} process(es), {torch.get_num_threads()} CPU threads each, torch {torch.__version__}"


def _summary_writer(config: TrainConfig, folder: Path, rank: int) -> Any:
    if not config.tensorboard or rank != 0:
        return None
    from torch.utils.tensorboard import SummaryWriter

    return SummaryWriter(str(folder / "tensorboard"))


def _report(
    row: dict[str, Any],
    folder: Path,
    rank: int,
    writer: Any,
    config: TrainConfig,
    progress: Callable[[float, str], Any] | None,
) -> None:
    if rank != 0:
        return
    with open(folder / "log.jsonl", "a", encoding="ascii") as stream:
        stream.write(json.dumps(row) + "\n")
    log.info("%s", row)
    if writer is not None:
        if "loss" in row:
            writer.add_scalar("loss", row["loss"], row["step"])
        for name, value in row.get("validation", {}).items():
            if isinstance(value, float):
                writer.add_scalar(name, value, row["step"])
    if progress is not None:
        progress(row["step"] / config.steps, f"step {row['step']} of {config.steps}, loss {row['loss']:.4f}")


def main() -> None:
    """Command line of the bare loop, for training machines and torchrun."""
    parser = argparse.ArgumentParser(
        description="Train one network from a recipe and a packed file of cases."
    )
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--pack", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--initial-weights", type=Path, help="average.safetensors of a run to start from")
    parser.add_argument("--stop-after-seconds", type=float, help="save and stop; run again to go on")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    if "WORLD_SIZE" in os.environ:
        dist.init_process_group("nccl" if arguments.device.startswith("cuda") else "gloo")
        if arguments.device == "cuda":
            arguments.device = f"cuda:{os.environ['LOCAL_RANK']}"
    device = torch.device(arguments.device)
    if device.type == "cuda":
        torch.cuda.set_device(device)
        torch.backends.cudnn.benchmark = True
    config = load_config(arguments.config)
    cases, about = open_training_data(config, arguments.pack)
    log.info("%s: %d cases on %s", config.name, len(cases), hardware(device, 1))
    train(
        config,
        cases,
        arguments.out,
        device,
        stop_after_seconds=arguments.stop_after_seconds,
        about=about,
        initial_weights=arguments.initial_weights,
    )
    if dist.is_initialized():
        dist.destroy_process_group()


if __name__ == "__main__":
    main()
