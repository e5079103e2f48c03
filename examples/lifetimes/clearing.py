"""Cause 1: one namespace, cleared and used again, breaks what was kept from the run before."""
import types

FIRST = """
RATE = 0.1
class Item:
    def __init__(self, net):
        self.net = net
    def __eq__(self, other):
        return isinstance(other, Item) and self.net == other.net
def price(item):
    return round(item.net * (1 + RATE), 2)
"""
EDITED = FIRST.replace("0.1", "0.5")

main = types.ModuleType("__main__")
exec(FIRST, vars(main))
price, book = main.price, main.Item(100)  # what the user keeps
print("first run: price(book) =", price(book), "and book == book is", book == book)
assert price(book) == 110 and book == book

# A function holds no globals of its own: it holds the namespace, and looks there at each call.
assert price.__globals__ is vars(main)

vars(main).clear()
try:
    price(book)
except NameError as error:
    print("cleared: price(book) raises NameError:", error)
else:
    raise AssertionError("a cleared namespace still had RATE")

exec(EDITED, vars(main))
print("second run: price(book) =", price(book), "from the same function, and no error")
assert price(book) == 150

# Here Item is the second run's class, and what the first one made is none of its instances.
print("second run: book == book is", book == book)
assert not isinstance(book, main.Item) and not book == book
