"""``restorekit new``: packages that a plugin author starts from, complete and with tests that pass.

``templates/KIND`` holds each kind's files and ``templates/shared`` what is the same for all; they are a package named
``plugin_name`` that works as it is, and a new one differs by its names alone.
"""
