"""The card over real data: a Salesforce export and the Northwind database, as imported."""

from pathlib import Path

import pytest
from serving import Server, eventually

from crmpanel.cli import main

DATA = Path(__file__).parents[3] / "shared" / "data"
SOURCES = {
    "salesforce": ("salesforce_datacloud", "001Ec00000GGw3jIAD", "Chapman Fowler and Lee",
                   {"Persons": 1, "Quotations": 3, "Support tickets": 2, "Activities": 8}),
    "northwind": ("northwind", "SAVEA", "Save-a-lot Markets", {"Orders": 31}),
}  # fmt: skip


@pytest.mark.parametrize("source", SOURCES)
def test_the_card_of_an_imported_organisation_has_its_records(source, tmp_path, visit, request):
    folder, key, name, counts = SOURCES[source]
    if not (DATA / folder).exists():
        pytest.skip("the real data sets are not beside the checkout")
    database = tmp_path / "crm.duckdb"
    main(
        ["import", str(DATA / folder), "--as", source, "--db", str(database)],
        standalone_mode=False,
    )
    server = Server(database)
    request.addfinalizer(server.stop)
    screen = visit(site=server).open(f"/organisation/{key}")
    screen.page.get_by_role("heading", name=name, level=1).wait_for()
    for label, number in counts.items():
        link = screen.page.locator("nav [data-tab]").filter(has_text=label).first
        assert eventually(lambda: link.inner_text().split()[-1] == str(number)), link.inner_text()  # noqa: B023
        link.click()
        assert eventually(lambda: len(screen.ids()) == number)  # noqa: B023
