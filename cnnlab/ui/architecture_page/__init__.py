"""The parts of the Architecture page: controls, figures, diagram, layers, calculator, history."""
