"""What is on a page that has just opened: all of it, and nothing that came meanwhile is missing."""

from serving import eventually

#: Draws a widget anew; a choice is added once it has read its choices and before it listens to them.
BETWEEN = """label => {
    const found = view => view.model.data?.attributes?.label === label ? [view]
        : (view.children_views?.() ?? []).flatMap(found)
    const [view] = [...Bokeh.index].flatMap(found), {data} = view.model
    const drawn = view.after_rendered
    view.after_rendered = function () {
        view.after_rendered = drawn
        data.setv({options: [...data.options, "In between"]})
        drawn.call(this)
    }
    view.render()
    view.r_after_render()
}"""
#: Python says two things, and the widget hands back what it drew of the first; then again when somebody has touched it.
HANDED_BACK = """touch => {
    const found = view => view.model.data?.attributes?.placeholder === "Search" ? [view]
        : (view.children_views?.() ?? []).flatMap(found)
    const [view] = [...Bokeh.index].flatMap(found), {data} = view.model
    data.setv({value_input: "first"}, {sync: false})
    data.setv({value_input: "second"}, {sync: false})
    if (touch) document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "x", bubbles: true}))
    data.setv({value_input: "first"})
    return data.value_input
}"""
#: Notes what is drawn and listened to at the very moment the page is shown.
MOMENT = """window.listened = []
const add = document.addEventListener
document.addEventListener = function (name, ...rest) { listened.push(name); return add.call(document, name, ...rest) }
new MutationObserver((_, self) => {
    if (!document.querySelector('#crm-content.ready')) return
    self.disconnect()
    const all = root => [...root.querySelectorAll('*')].flatMap(it => it.shadowRoot ? [it, ...all(it.shadowRoot)] : [it])
    window.moment = {listened: [...listened], messages: all(document).filter(it => it.matches('.messages .message')).length}
}).observe(document, {subtree: true, childList: true, attributes: true})"""


def test_a_choice_that_comes_while_a_filter_is_drawn_is_offered(visit):
    tab = visit()
    tab.open("/activities")
    tab.field("Status").wait_for()
    tab.page.evaluate(BETWEEN, "Status")
    tab.field("Status").click()
    offered = tab.page.get_by_role("menuitem").locator("visible=true")
    assert eventually(lambda: "In between" in offered.all_text_contents())


def test_what_a_widget_hands_back_late_does_not_undo_what_came_since(visit):
    tab = visit()
    tab.open("/activities")
    tab.page.locator("input[placeholder=Search]:visible").wait_for()
    assert tab.page.evaluate(HANDED_BACK, False) == "second"
    assert tab.page.evaluate(HANDED_BACK, True) == "first"


def test_a_card_is_shown_when_all_of_it_is_drawn(visit):
    tab = visit()
    tab.page.add_init_script(MOMENT)
    tab.open("/organisation/1")
    moment = tab.page.evaluate("window.moment")
    assert moment["messages"] == 1
    assert "drop" in moment["listened"]
