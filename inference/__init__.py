"""Compact models on the CPU: text in, numpy out. Plain Python, without Django.

The only importer of onnxruntime. Every model is a folder with a manifest, and is checked before
it is used; see inference.errors for what can go wrong.
"""
