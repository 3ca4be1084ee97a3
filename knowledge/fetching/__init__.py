"""Pages of other people's servers, from public addresses alone.

`web.get(url)` is the way in: it resolves the name, refuses every address that is not public,
connects to the very address that it has checked, and follows no redirect by itself. A `Network`
of another kind is given as an argument, by tests alone: nothing here reads a setting.
"""
