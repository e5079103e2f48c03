"""Cause 4: modules that are torn down while what they made is in use."""
import subprocess
import sys
import types

SETTINGS = """
_separator = ": "
LIMIT = 3
def describe():
    return _separator, LIMIT
"""


def settings_module():
    module = types.ModuleType("settings")
    exec(SETTINGS, vars(module))
    return module


# Since Python 3.4 a module that goes lets go of its namespace, and no more.
describe = settings_module().describe
print("module gone, Python 3.4 and later:", describe())
assert describe() == (": ", 3)


def clear_as_before_3_4(module):
    """What module_dealloc() did, whoever else held the namespace."""
    namespace = vars(module)
    for name in namespace:
        if name.startswith("_") and not name.startswith("__"):
            namespace[name] = None
    for name in namespace:
        if name != "__builtins__":
            namespace[name] = None


module = settings_module()
describe = module.describe
clear_as_before_3_4(module)
print("module gone, before Python 3.4:", describe())
assert describe() == (None, None)

# It is still so at exit, for the modules that are alive when sys.modules has been emptied.
# Here `sys` is what holds one: its hook's namespace has the module in it.
AT_EXIT = """
import sys, types
settings = types.ModuleType("settings")
exec('''
LIMIT = 3
class Log:
    def __del__(self, print=print):
        print("LIMIT is", LIMIT)
log = Log()
''', vars(settings))
sys.modules["settings"] = settings
"""
HOOK = """
def hook(*exception):
    settings.log.failed(exception)
sys.excepthook = hook
"""


def at_exit(script):
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True,
                          check=True).stdout.strip()


print("__del__ at exit:", at_exit(AT_EXIT))
print("__del__ at exit, with a hook in sys:", at_exit(AT_EXIT + HOOK))
assert at_exit(AT_EXIT) == "LIMIT is 3"
assert at_exit(AT_EXIT + HOOK) == "LIMIT is None"
