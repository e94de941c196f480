"""The parts of the Architecture page: choice, figures, diagram, layers, calculator, history."""
