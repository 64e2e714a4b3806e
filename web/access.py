"""Who may do what: readers ask, editors also change the library. Authorised inside each function.

A hidden endpoint is still callable, so every function that the page offers asks here first.
The guard (`web.security`) writes the visitor's role into the request; a request without one is nobody's.
"""

from typing import Any, Literal

from baycase.errors import BayCaseError

Role = Literal["reader", "editor"]
_RANK = {"reader": 1, "editor": 2}


class RefusedError(BayCaseError):
    """The visitor may not do this: not logged in, or a reader where an editor is needed."""


def role_of(request: Any) -> Role | None:
    """The role that the guard gave to this request (Starlette's or Gradio's); None for nobody."""
    inner = getattr(request, "request", None) or request
    scope = getattr(inner, "scope", None)
    role = (scope.get("state") or {}).get("role") if isinstance(scope, dict) else None
    return role if role in _RANK else None


def demand(request: Any, role: Role) -> None:
    """Raise `RefusedError` unless the request comes from somebody with at least this role."""
    found = role_of(request)
    if found is None or _RANK[found] < _RANK[role]:
        raise RefusedError(f"this needs the role {role}; you have {found or 'none'}: log in as one")
