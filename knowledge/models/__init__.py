"""What we know, as rows. Offsets are Unicode code points into `Revision.text`."""

from knowledge.models.articles import (Article, ArticleState, ArticleTag, ArticleWord, Audience, BulkChange, BulkState, DraftState, Picture, PictureUse, Review, Revision, Tag)
from knowledge.models.passages import (Embedding, NearSet, NearVector, Passage, Posting, Segment, VectorSet, VectorState)
from knowledge.models.sources import (PageState, Source, SourcePage, SourceState, Upload, UploadState)

__all__ = ["Article", "ArticleState", "ArticleTag", "ArticleWord", "Audience", "BulkChange", "BulkState", "DraftState", "Embedding", "NearSet", "NearVector", "PageState", "Passage", "Picture", "PictureUse", "Posting", "Review", "Revision", "Segment", "Source", "SourcePage", "SourceState", "Tag", "Upload", "UploadState", "VectorSet", "VectorState"]
