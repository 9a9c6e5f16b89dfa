"""A small dbt package that stands for a real one: its macros dispatch by the same names and arguments."""

from __future__ import annotations

DEFAULT = "select 'default' as found"
"""What the package's own form of a macro writes. It shows that a shim was not found."""


def stand_in(namespace: str, dispatched: dict[str, str], helpers: str = "") -> dict[str, str]:
    """Return the macros of a package by file.

    ``dispatched`` has the arguments of each macro that dispatches, as in its definition. ``helpers`` is the text of
    other macros.
    """
    files = {"helpers": helpers}
    for name, arguments in dispatched.items():
        names = ", ".join(argument.split("=")[0].strip() for argument in arguments.split(", ")) if arguments else ""
        files[name] = (
            f"{{% macro {name}({arguments}) %}}"
            f"{{{{ return(adapter.dispatch('{name}', '{namespace}')({names})) }}}}{{% endmacro %}}\n"
            f"{{% macro default__{name}({arguments}) %}}{DEFAULT}{{% endmacro %}}\n"
        )
    return files
