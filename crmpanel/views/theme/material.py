"""panel-material-ui set to the design tokens: widgets and tables look like one product."""

_FONT = (
    '-apple-system, BlinkMacSystemFont, "Segoe UI", "Noto Sans", "Liberation Sans", '
    '"Helvetica Neue", Arial, sans-serif'
)

# The same values as in tokens.css: MUI computes shades from them, so it cannot take CSS variables.
COLOURS = {
    "light": {
        "bg": "#f5f6f8",
        "surface": "#ffffff",
        "raised": "#ffffff",
        "border": "#e2e5ea",
        "border-strong": "#c5cbd4",
        "text": "#1b202a",
        "muted": "#5a6372",
        "accent": "#3350c8",
        "accent-hover": "#263fa8",
        "on-accent": "#ffffff",
        "neutral-soft": "#eceff3",
        "hover": "#f4f6fa",
        "info": "#1d4fa8",
        "success": "#17663a",
        "warning": "#7a4a00",
        "danger": "#b0231a",
    },
    "dark": {
        "bg": "#101318",
        "surface": "#171b22",
        "raised": "#1f252e",
        "border": "#2a313b",
        "border-strong": "#444d5b",
        "text": "#e7eaf0",
        "muted": "#9ca6b5",
        "accent": "#98abff",
        "accent-hover": "#b9c6ff",
        "on-accent": "#0e1330",
        "neutral-soft": "#2a313b",
        "hover": "#1d232c",
        "info": "#9cc3ff",
        "success": "#86dba6",
        "warning": "#f2c46d",
        "danger": "#ff9d94",
    },
}


def _palette(mode: str) -> dict:
    c = COLOURS[mode]
    return {
        "mode": mode,
        "primary": {"main": c["accent"], "dark": c["accent-hover"], "contrastText": c["on-accent"]},
        "info": {"main": c["info"]},
        "success": {"main": c["success"]},
        "warning": {"main": c["warning"]},
        "error": {"main": c["danger"]},
        # Panel's name for MUI's colourless colour; its own default is pure black.
        "default": {
            "main": c["text"],
            "dark": c["text"],
            "light": c["neutral-soft"],
            "contrastText": c["surface"],
        },
        "text": {"primary": c["text"], "secondary": c["muted"]},
        "background": {"default": c["bg"], "paper": c["surface"]},
        "divider": c["border"],
    }


def _components(mode: str) -> dict:
    c = COLOURS[mode]
    return {
        "MuiButtonBase": {"defaultProps": {"disableRipple": True}},
        # The class has its font from a stylesheet that is missing in a notebook.
        "MuiIcon": {
            "styleOverrides": {"root": {"&.material-icons": {"fontFamily": '"Material Icons"'}}}
        },
        "MuiButton": {
            "styleOverrides": {
                "root": {
                    "textTransform": "none",
                    "fontSize": "0.8125rem",
                    "fontWeight": 500,
                    "lineHeight": "20px",
                    "minHeight": "34px",
                    "minWidth": 0,
                    "padding": "0 12px",
                    "boxSizing": "border-box",
                    "boxShadow": "none",
                    "whiteSpace": "nowrap",
                    "&:hover": {"boxShadow": "none"},
                    "&.MuiButton-outlined": {
                        "borderColor": c["border-strong"],
                        "backgroundColor": c["surface"],
                    },
                    "&.MuiButton-outlined:hover": {
                        "borderColor": c["muted"],
                        "backgroundColor": c["hover"],
                    },
                }
            }
        },
        # MultiChoice has no size of its own, it takes the theme's.
        "MuiFormControl": {"defaultProps": {"size": "small"}},
        "MuiSelect": {
            "styleOverrides": {
                "select": {"minHeight": "22px", "lineHeight": "22px"},
                "multiple": {"paddingTop": "5px", "paddingBottom": "5px", "paddingLeft": "14px"},
            }
        },
        "MuiOutlinedInput": {
            "styleOverrides": {
                "root": {
                    "backgroundColor": c["surface"],
                    "fontSize": "0.8125rem",
                    "minHeight": "34px",
                    # As high as a Select and a Button.
                    "&:not(.MuiAutocomplete-inputRoot) > input.MuiInputBase-input": {
                        "height": "22px",
                        "padding": "6px 14px",
                    },
                    "& .MuiOutlinedInput-notchedOutline": {"borderColor": c["border-strong"]},
                    # As wide as the label, whose letters are a bit larger than those of the field.
                    "& .MuiOutlinedInput-notchedOutline legend": {"fontSize": "0.81em"},
                    "&.Mui-focused .MuiOutlinedInput-notchedOutline": {
                        "borderWidth": "1px",
                        "boxShadow": f"0 0 0 1px {c['accent']}",
                    },
                },
            }
        },
        "MuiInputBase": {
            "styleOverrides": {"input": {"&::placeholder": {"color": c["muted"], "opacity": 1}}}
        },
        "MuiInputLabel": {
            "styleOverrides": {
                "root": {"fontSize": "0.8125rem", "color": c["muted"]},
                "sizeSmall": {
                    "&:not(.MuiInputLabel-shrink)": {"transform": "translate(14px, 8px) scale(1)"},
                    # Of a MultiChoice as of a Select.
                    "&.MuiInputLabel-shrink": {"fontSize": "0.875rem"},
                },
            }
        },
        "MuiListItemText": {"styleOverrides": {"primary": {"fontSize": "0.8125rem"}}},
        "MuiCheckbox": {
            "defaultProps": {"size": "small"},
            "styleOverrides": {"root": {"padding": "4px"}},
        },
        "MuiFilledInput": {"styleOverrides": {"root": {"fontSize": "0.8125rem"}}},
        "MuiMenuItem": {
            "styleOverrides": {
                "root": {
                    "fontSize": "0.8125rem",
                    "minHeight": "32px",
                    "paddingTop": "4px",
                    "paddingBottom": "4px",
                }
            }
        },
        "MuiPaper": {"styleOverrides": {"root": {"backgroundImage": "none"}}},
        "MuiPopover": {
            "styleOverrides": {
                "paper": {"backgroundColor": c["raised"], "border": f"1px solid {c['border']}"}
            }
        },
        "MuiChip": {
            "styleOverrides": {
                "root": {
                    "height": "22px",
                    "margin": 0,
                    "borderRadius": "5px",
                    "fontSize": "0.75rem",
                    "fontWeight": 500,
                    "&.MuiChip-filled": {"backgroundColor": c["neutral-soft"], "color": c["text"]},
                    "&.MuiChip-filled .MuiChip-deleteIcon": {
                        "color": c["muted"],
                        "fontSize": "15px",
                    },
                },
                "label": {"paddingLeft": "7px", "paddingRight": "7px"},
            }
        },
        "MuiPaginationItem": {
            "styleOverrides": {
                "root": {"fontSize": "0.8125rem", "fontVariantNumeric": "tabular-nums"}
            }
        },
    }


def _theme(mode: str) -> dict:
    return {
        "palette": _palette(mode),
        "typography": {"fontFamily": _FONT, "fontSize": 13, "fontWeightMedium": 500},
        "shape": {"borderRadius": 7},
        "components": _components(mode),
    }


THEME = {"light": _theme("light"), "dark": _theme("dark")}

# Defaults for widgets in a filter row: pmui.TextInput(**SMALL, placeholder="Search").
SMALL = {"size": "small", "variant": "outlined", "theme_config": THEME, "margin": 0}

# MultiChoice's `size` is a number of rows, so it takes the small size from the theme.
MULTI = {"variant": "outlined", "theme_config": THEME, "margin": 0}

# Buttons beside a table: BUTTON is quiet, PRIMARY is the one that matters.
BUTTON = {
    "size": "small",
    "variant": "outlined",
    "color": "default",
    "theme_config": THEME,
    "margin": 0,
}
PRIMARY = BUTTON | {"variant": "contained", "color": "primary"}

PAGINATION = {
    "size": "small",
    "variant": "text",
    "shape": "rounded",
    "theme_config": THEME,
    "margin": 0,
}
