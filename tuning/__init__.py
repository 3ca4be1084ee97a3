"""Training and export of the compact models. Plain Python; the only importer of torch.

`python -m tuning.build_models --data FOLDER --out models` makes every artefact.
"""
