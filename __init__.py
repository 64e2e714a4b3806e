"""BayCase (湾区案例通): semantic search and question answering over Chinese policy cases.

    from baycase import Library
    library = Library("folder")
    library.ask("港车北上的保险在内地怎么认？").to_dict()

Importing the package loads nothing heavy; `Library` is resolved when it is first named.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from baycase.search.library import Library

__all__ = ["Library", "__version__"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name == "Library":
        from baycase.search.library import Library

        return Library
    raise AttributeError(f"module 'baycase' has no attribute {name!r}")
