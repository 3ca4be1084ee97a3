#!/usr/bin/env python
"""Firstline's command line. Joins the private services, or starts them for this command."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from config.local.private import ensure_services

    with ensure_services(sys.argv):
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
