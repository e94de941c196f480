"""What is drawn in the browser. The only part of the package that imports Streamlit; draws, and computes nothing."""
