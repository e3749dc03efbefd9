"""The data display: a few fat components in vanilla JavaScript, so that a page stays light."""

from .as_of_bar import AsOfBar
from .ask_dialog import AskDialog
from .base import Component
from .card_header import CardHeader
from .favourites_menu import FavouritesMenu
from .field_editor import FieldEditor
from .field_panels import FieldPanels
from .file_drop import FileDrop
from .import_bar import ImportBar
from .import_mapping import ImportMapping
from .import_preview import ImportPreview
from .import_report import ImportReport
from .import_source import ImportSource
from .list_summary import ListSummary
from .lists_menu import ListsMenu
from .mass_edit import MassEdit
from .notification_centre import NotificationCentre
from .page_message import PageMessage
from .record_form import RecordForm
from .record_table import RecordTable
from .router import Router
from .search_box import SearchBox
from .section_head import SectionHead
from .since_visit import SinceVisit
from .tab_bar import TabBar
from .timeline_feed import TimelineFeed
from .toast import Toast
from .user_menu import UserMenu

__all__ = [
    "AsOfBar",
    "AskDialog",
    "CardHeader",
    "Component",
    "FavouritesMenu",
    "FieldEditor",
    "FieldPanels",
    "FileDrop",
    "ImportBar",
    "ImportMapping",
    "ImportPreview",
    "ImportReport",
    "ImportSource",
    "ListSummary",
    "ListsMenu",
    "MassEdit",
    "NotificationCentre",
    "PageMessage",
    "RecordForm",
    "RecordTable",
    "Router",
    "SearchBox",
    "SectionHead",
    "SinceVisit",
    "TabBar",
    "TimelineFeed",
    "Toast",
    "UserMenu",
]
