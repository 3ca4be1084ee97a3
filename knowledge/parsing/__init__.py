"""Files to articles, in a subprocess with limits.

`reader.read(path)` is the way in; `formats` and `rows` run in the child alone, which has no
Django, no database and no secrets in its environment. A child that takes too much memory or time
is killed; its file costs one clear line and the next file gets a new child.
"""
