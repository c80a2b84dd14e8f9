"""Demo data: a medical-aesthetics chain that never was, with its dirt and its truth."""

from strata.demo.generator import generate
from strata.demo.summary import DemoFile, DemoSummary, PlantedDirt

__all__ = ["DemoFile", "DemoSummary", "PlantedDirt", "generate"]
