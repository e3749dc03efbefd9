"""Desk: the database together with who is looking at it, and when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from crmpanel.errors import FilterError, UnknownName
from crmpanel.model.changeset import Applied, Changeset, Drop, Keep
from crmpanel.model.filters import Condition
from crmpanel.model.personal import PREFERENCE
from crmpanel.model.registry import Registry
from crmpanel.query import personal
from crmpanel.query.lookup import moment
from crmpanel.query.query import Query
from crmpanel.query.selection import Selection
from crmpanel.query.sqltext import quoted
from crmpanel.query.where import Context
from crmpanel.store import Database, Live

#: The entity of those who work with the CRM.
USERS = "user"


def personal_key(user: int) -> str:
    """What the personal state of a user is kept under."""
    return f"user {user}"


class Desk:
    """What every controller works with.

    Parameters
    ----------
    database : an open database.
    viewer : login of the person who is looking.
    clock : tells the present moment; replaced in tests.
    user : id of the user that the person works as; by default the one with that login.
    """

    def __init__(
        self,
        database: Database,
        viewer: str,
        clock: Callable[[], dt.datetime] = moment,
        user: int | None = None,
    ) -> None:
        self.database, self.viewer, self.clock, self._user = database, viewer, clock, user
        self._users: tuple[int, dict[int, str]] = (-1, {})
        self._viewer: tuple[int, int | None] = (-1, None)
        self._preferences: tuple[int, dict[str, str]] = (-1, {})

    @property
    def registry(self) -> Registry:
        """The declared entities."""
        return self.database.registry

    @property
    def is_read_only(self) -> bool:
        """Whether nothing can be changed: what is shown is the past, or lies elsewhere."""
        return self.database.refusal() is not None

    @property
    def is_live(self) -> bool:
        """Whether what is shown lies elsewhere: there is no log of it, and nobody's own state."""
        return isinstance(self.database, Live)

    def over(self, database: Database) -> Desk:
        """The same viewer at another database, with its moment as the present one."""
        moment = database.moment
        clock = self.clock if moment is None else lambda: moment.at
        return Desk(database, self.viewer, clock, self._user)

    def context(self) -> Context:
        """The present moment and the meaning of statuses, for queries."""
        roles = {
            entity.name: self.database.status_roles(entity.name)
            for entity in self.registry
            if entity.status
        }
        return Context(self.clock(), roles)

    def selection(self, entity: str, *scope: Condition) -> Selection:
        """All records of an entity within a scope."""
        return Selection(self.registry[entity], self.registry, self.context(), scope=scope)

    @property
    def users(self) -> dict[int, str]:
        """Names of all users by id; there are few of them."""
        if self._users[0] != self.database.writes:
            self._users = (self.database.writes, self._read_users())
        return self._users[1]

    def _read_users(self) -> dict[int, str]:
        if USERS not in self.registry:
            return {}
        entity = self.registry[USERS]
        query = Query(f'SELECT "id", {quoted(entity.title)} FROM {quoted(entity.name)}')
        return dict(self.database.rows(query))

    @property
    def viewer_id(self) -> int | None:
        """The id of the user that the viewer works as; None if there is no such user."""
        if self._user is not None:
            return self._user
        if self._viewer[0] != self.database.writes:
            self._viewer = (self.database.writes, self._read_viewer())
        return self._viewer[1]

    def _read_viewer(self) -> int | None:
        if USERS not in self.registry or "login" not in self.registry[USERS].fields:
            return None
        sql = f'SELECT "id" FROM {quoted(USERS)} WHERE "login" = ?'
        found = self.database.rows(Query(sql, (self.viewer,)))
        return int(found[0][0]) if len(found) == 1 else None

    @property
    def me(self) -> str:
        """Whose the personal state is: the user's, or that of a viewer who is no user."""
        user = self.viewer_id
        return personal_key(user) if user is not None else f"login {self.viewer}"

    def keep(self, *parts: Keep | Drop) -> Applied:
        """Write personal state of the viewer.

        Raises
        ------
        StoreError : nothing can be changed, and what is read there does not last.
        CrmError : it could not be written.
        """
        if (refusal := self.database.refusal()) is not None:
            raise refusal
        return self.database.apply(Changeset(parts, source="personal", viewer=self.me))

    @property
    def preferences(self) -> dict[str, str]:
        """What the viewer has chosen to keep, by name."""
        if self._preferences[0] != self.database.writes:
            rows = self.database.rows(personal.rows(PREFERENCE, self.me))
            found = {str(name): str(value) for name, value in rows if value is not None}
            self._preferences = (self.database.writes, found)
        return self._preferences[1]

    def prefer(self, name: str, value: str | None) -> None:
        """Keep a choice of the viewer; None forgets it."""
        key = {"name": name}
        part = (
            Drop("preference", key) if value is None else Keep("preference", key, {"value": value})
        )
        self.keep(part)

    def working_as(self, user: int) -> Desk:
        """The same desk for one of the users, who has recently viewed records of their own."""
        return Desk(self.database, f"user {int(user)}", self.clock, int(user))

    def user_id(self, user: int | str | None) -> int | None:
        """The id of a user given by id or name; None stands for nobody.

        Raises
        ------
        UnknownName : no such user; names the nearest.
        FilterError : several users carry the name.
        """
        if user is None:
            return None
        wanted = str(user)
        ids = [id for id, name in self.users.items() if wanted in (name, str(id))]
        if not ids:
            same = wanted.casefold()
            ids = [id for id, name in self.users.items() if str(name).casefold() == same]
        if len(ids) > 1:
            raise FilterError(
                f"Several users are called {user!r}.",
                "",
                "Give the id: " + ", ".join(map(str, ids)) + ".",
            )
        if not ids:
            raise UnknownName("user", user, [str(name) for name in self.users.values()])
        return ids[0]
