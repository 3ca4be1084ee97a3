"""The pages that a visitor's browser loads: the widget's loader, its frame, and the demo."""
