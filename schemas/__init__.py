"""Every shape that crosses a boundary: wire, disk, form and API speak these words and no others."""
