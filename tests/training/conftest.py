import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))  # training_toys: also run as a script, in processes of its own
