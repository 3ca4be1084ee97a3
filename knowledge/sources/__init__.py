"""Sources that are read again and again: web sites and Git folders of Markdown.

`keeping` is what editors do with them; `runs` begins, continues and ends a run under the outbox
lease; `site` and `git` each do one step. What a run has read is in rows after each page, so a
worker that is killed costs one page.
"""
