"""Pictures of a sequential VAE on held-out clips: factors varied one by one, forecasts, a film, correlations.

python scripts/sequential_vae_pictures.py runs/mine/model
python scripts/sequential_vae_pictures.py runs/mine/model --twin runs/twin/model --output docs --name sequential_vae_
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from textdis.core.errors import UserError

SHOWN, SEEN, CODED = 4, 5, 1_000  # clips of a sheet; frames seen before a forecast; clips whose codes are correlated


def main(
    model: Annotated[Path, typer.Argument(help="a model folder")],
    twin: Annotated[Path | None, typer.Option(help="another, whose correlations stand beside")] = None,
    recipe: Annotated[str | None, typer.Option(help="clips; by default what the model was trained on")] = None,
    output: Annotated[Path, typer.Option(help="folder for the pictures")] = Path("pictures"),
    name: Annotated[str, typer.Option(help="what their names begin with")] = "",
    seed: Annotated[int, typer.Option(help="random seed of the clips")] = 0,
) -> None:
    from data_recipes.clips import load_clips
    from textdis.core.model import load, read_config
    from textdis.evaluation.video_pictures import draw_correlations, forecast, varied
    from textdis.experiments.experiment import make_folder
    from textdis.video.write import write_clips, write_sheet

    own: Any = load(model)
    notes = read_config(model)
    if notes["frames"] <= SEEN:
        raise UserError(f"{model}: of clips of {notes['frames']} frames; the forecast takes more than {SEEN}")
    options = {"pixels": own.config.pixels, "frames": notes["frames"], "counts": (1, CODED), "seed": seed}
    options["motion"] = notes.get("motion", "bounce")
    if not (made := recipe or (notes["trained_on"] or "").split(":")[0]):
        raise UserError(f"{model}: was trained on files of its own; say on what to show it with --recipe")
    make_folder(output)
    clips = load_clips(made, **options)["test"].frames
    rows, told = varied(own, clips[:SHOWN]), forecast(own, clips[:SHOWN], SEEN)
    write_clips(output / f"{name}varied.png", rows.reshape(-1, *rows.shape[2:]), scale=2)
    write_sheet(output / f"{name}varied.gif", rows.swapaxes(0, 1), rate=4, scale=3)  # a column a clip
    write_clips(output / f"{name}forecast.png", told.reshape(-1, *told.shape[2:]), scale=2)
    models = {model_name(own): own} | ({} if twin is None else {"entangled": load(twin)})
    draw_correlations(output / f"{name}correlations.png", models, clips)
    print(f"{output}: {name}varied.png, {name}varied.gif, {name}forecast.png, {name}correlations.png")


def model_name(model: Any) -> str:
    return "entangled" if model.config.factors == 1 else f"{model.config.factors} factors"


if __name__ == "__main__":
    try:
        typer.run(main)
    except UserError as error:
        raise SystemExit(f"error: {error}") from None
