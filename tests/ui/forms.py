"""The Fields tab of a card, as a person fills it in."""

from serving import eventually


class Form:
    """The Fields tab of a card."""

    def __init__(self, screen, path):
        self.screen, self.page = screen, screen.page
        self.path = f"{path}?tab=fields"
        self.bar = self.page.locator(".bar[role=region]:visible .count")
        self.reload()

    def reload(self):
        """Load the page, until all that the server has to say of it has come."""
        self.screen.open(self.path)
        assert self.logged is not None
        return self

    def row(self, label):
        name = self.page.get_by_text(label, exact=True)
        return self.page.locator(".editor.grid [data-field]").filter(has=name)

    def input(self, label):
        return self.row(label).get_by_label(label, exact=True)

    def enter(self, label, value):
        if not self.row(label).locator("label").count():
            self.row(label).get_by_role("button", name=f"Edit {label}", exact=True).click()
        self.input(label).fill(value)
        return self

    def press(self, name):
        self.page.locator(".bar[role=region]:visible").get_by_role(
            "button", name=name, exact=True
        ).click()
        return self

    def says(self, words):
        assert eventually(lambda: self.bar.inner_text() == words), self.bar.inner_text()
        return self

    @property
    def logged(self):
        """How many changes the log has, as its tab says."""
        count = self.page.locator("nav [data-tab=log] .count")
        found = eventually(lambda: count.all_inner_texts())
        return int(found[0].replace(",", "")) if found else None

    def save(self, changes, how=None):
        """Save, and wait until the card is up to date: its log has more."""
        before = self.logged
        how() if how else self.press("Save")
        self.says(f"Saved {changes} change{'s' * (changes != 1)}")
        assert eventually(lambda: self.logged > before)
        return self

    def value(self, label):
        return self.row(label).locator("dd").inner_text()

    def shows(self, **values):
        wanted = {label.replace("_", " "): value for label, value in values.items()}
        assert eventually(lambda: {label: self.value(label) for label in wanted} == wanted), {
            label: self.value(label) for label in wanted
        }
        return self
