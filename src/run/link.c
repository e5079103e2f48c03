#include "run/link.h"

#include "py/call.h"
#include "py/exc.h"
#include "run/label.h"
#include "run/remnant.h"

/* A set that is made with its first member. */
static int
add_to(PyObject **set, PyObject *name)
{
    if (*set == NULL && (*set = PySet_New(NULL)) == NULL)
        return -1;
    return PySet_Add(*set, name);
}

static int
contains(PyObject *set, PyObject *name)
{
    return set == NULL ? 0 : PySet_Contains(set, name);
}

static int
discard(PyObject *set, PyObject *name)
{
    return set == NULL ? 0 : PySet_Discard(set, name);
}

/* The number before that of the first run with any link: most of the older ones have none. */
static int
before_links(const RunLedger *l)
{
    size_t i = 0;
    while (i < l->count && PyDict_GET_SIZE(l->runs[i]->links) == 0)
        i++;
    return i < l->count ? l->runs[i]->number - 1 : l->last_number;
}

/* Whether the user bound the name to this very value already: then it stays his. */
static int
is_users(const RunLedger *l, int after, PyObject *name, PyObject *value)
{
    if (PyDict_GetItemWithError(l->prompt, name) != value)
        return PyErr_Occurred() ? -1 : 0;
    for (size_t i = l->count; i-- > 0 && l->runs[i]->number > after;) {
        const Run *r = l->runs[i];
        int linked = PyDict_Contains(r->links, name);
        if (linked != 0)
            return linked < 0 ? -1 : contains(r->assigned, name);
    }
    return 1;
}

/* Take the name from a run that has it linked. */
static int
unlink_name(RunLedger *l, Run *from, PyObject *name)
{
    AUTO_DECREF PyObject *value = NULL;
    int found = call_dict_get(from->links, name, &value);
    if (found <= 0)
        return found;
    heap_collector_suspect(&l->collector, value);
    if (add_to(&from->unlinked, name) < 0 || discard(from->assigned, name) < 0
        || call_dict_discard(from->links, name) < 0)
        return -1;
    return run_remnant_note(from, name, value) < 0 ? -1 : run_label_value(l, from, value);
}

/* Take the name from every other run. */
static int
move_link(RunLedger *l, int after, const Run *to, PyObject *name)
{
    Run *from;
    for (int n = after; (from = run_ledger_after(l, n)) != NULL;) {
        n = from->number;
        if (from == to)
            continue;
        from->users++;
        int r = unlink_name(l, from, name);
        run_ledger_release(from);
        if (r < 0)
            return -1;
    }
    return 0;
}

/* Publish one name: the prompt gets `value`, and the link is the run's.  In this order: a link
 * to a value that did not get to the prompt would look as if the user had deleted the name.
 * An `import numpy` of the user's own that the script repeats is not the script's to take away
 * again.  `after`: the number that runs with links come after. */
static int
publish(RunLedger *l, int after, Run *r, PyObject *name, PyObject *value)
{
    if (r->superseded)
        return 0;
    int users = is_users(l, after, name, value);
    if (!users && r->sequence > 0)
        heap_collector_suspect(&l->collector, PyDict_GetItemWithError(l->prompt, name));
    if (users < 0 || move_link(l, after, r, name) < 0
        || (users ? add_to(&r->assigned, name) : discard(r->assigned, name)) < 0
        || PyDict_SetItem(l->prompt, name, value) < 0)
        return -1;
    return r->superseded ? 0 : PyDict_SetItem(r->links, name, value);
}

/* The names of `namespace` that are to be published and not linked yet, as a list. */
static PyObject *
new_names(const Run *r, PyObject *namespace)
{
    AUTO_DECREF PyObject *names = PyList_New(0);
    Py_ssize_t pos = 0;
    BORROWED PyObject *name;
    BORROWED PyObject *value;
    while (names != NULL && PyDict_Next(namespace, &pos, &name, &value)) {
        if (!PyUnicode_CheckExact(name))
            continue;
        int known = PyDict_Contains(r->links, name);
        if (known == 0)
            known = contains(r->unlinked, name);
        if (known < 0)
            return NULL;
        if (known == 0 && run_ledger_publishes(name) && PyList_Append(names, name) < 0)
            return NULL;
    }
    return TAKE(names);
}

/* Publish what is new in the namespace; 1 if anything was. */
static int
publish_new(RunLedger *l, Run *r, PyObject *namespace)
{
    AUTO_DECREF PyObject *names = new_names(r, namespace);
    if (names == NULL)
        return -1;
    int after = before_links(l);
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(names); i++) {
        BORROWED PyObject *name = PyList_GET_ITEM(names, i);
        AUTO_DECREF PyObject *value = NULL;
        int found = call_dict_get(namespace, name, &value);
        if (found < 0 || (found == 1 && publish(l, after, r, name, value) < 0))
            return -1;
    }
    return PyList_GET_SIZE(names) > 0;
}

/* Only the latest run is lent names; the values that others knew would live for nothing. */
static void
forget_wanted(RunLedger *l)
{
    for (size_t i = l->count; i-- > 0;)
        if (i < l->count
            && l->runs[i]->wanted != NULL)  // user code may forget some meanwhile
            Py_CLEAR(l->runs[i]->wanted);
}

/* What the run reads and does not define, with what the prompt had under each name now. */
static int
note_wanted(RunLedger *l, Run *r, PyObject *namespace)
{
    BORROWED PyObject *reads = run_source_reads(r->source);
    AUTO_DECREF PyObject *wanted = reads == NULL ? NULL : PyDict_New();
    AUTO_DECREF PyObject *names = wanted == NULL ? NULL : PySequence_List(reads);
    if (names == NULL)
        return -1;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(names); i++) {
        BORROWED PyObject *name = PyList_GET_ITEM(names, i);
        int defined = PyDict_Contains(namespace, name);
        AUTO_DECREF PyObject *value = NULL;
        if (defined < 0 || call_dict_get(l->prompt, name, &value) < 0)
            return -1;
        if (defined == 0 && run_ledger_publishes(name)
            && PyDict_SetItem(wanted, name, value ? value : l->absent) < 0)
            return -1;
    }
    forget_wanted(l);
    Py_XSETREF(r->wanted, TAKE(wanted));
    return 0;
}

int
run_link_publish(RunLedger *l, Run *r)
{
    AUTO_DECREF PyObject *namespace = NULL;
    int alive = run_ledger_namespace(r, &namespace);
    if (alive <= 0)
        return alive;
    if (publish_new(l, r, namespace) < 0)
        return -1;
    AUTO_DECREF PyObject *list = PyDict_Keys(r->links);
    AUTO_DECREF PyObject *names = list == NULL ? NULL : PyList_AsTuple(list);
    if (names == NULL)
        return -1;
    Py_XSETREF(r->names, TAKE(names));
    return note_wanted(l, r, namespace);
}

/* Both sides of one link, as they are now; NULL where the name is not there. */
typedef struct Sides {
    PyObject *seen;
    PyObject *at_prompt;
    PyObject *in_namespace;
} Sides;

static void
sides_done(Sides *s)
{
    Py_XDECREF(s->seen);
    Py_XDECREF(s->at_prompt);
    Py_XDECREF(s->in_namespace);
}

static int
look(const RunLedger *l, const Run *r, PyObject *namespace, PyObject *name,
     Sides *ret_sides)
{
    if (call_dict_get(r->links, name, &ret_sides->seen) < 0
        || call_dict_get(l->prompt, name, &ret_sides->at_prompt) < 0)
        return -1;
    return namespace == NULL ? 0 : call_dict_get(namespace, name, &ret_sides->in_namespace);
}

static int
set_or_discard(PyObject *dict, PyObject *name, PyObject *value)
{
    if (value != NULL)
        return PyDict_SetItem(dict, name, value);
    return call_dict_discard(dict, name) < 0 ? -1 : 0;
}

/* Let the side that lags follow, and keep what both have now; a freed run's names that the
 * user changed are simply his. */
static int
follow(RunLedger *l, Run *r, PyObject *namespace, PyObject *name, const Sides *s)
{
    heap_collector_suspect(&l->collector, s->seen);
    bool by_prompt = s->at_prompt != s->seen;
    PyObject *value = by_prompt ? s->at_prompt : s->in_namespace;
    PyObject *lagging = by_prompt ? namespace : l->prompt;
    if (lagging != NULL && set_or_discard(lagging, name, value) < 0)
        return -1;
    if (by_prompt && namespace != NULL && value != NULL) {
        if (add_to(&r->assigned, name) < 0)
            return -1;
    } else if (discard(r->assigned, name) < 0) {
        return -1;
    }
    return set_or_discard(r->links, name, namespace != NULL ? value : NULL);
}

/* The linked names whose sides differ from what was last seen, as a list. */
static PyObject *
changed_names(const RunLedger *l, const Run *r, PyObject *namespace)
{
    AUTO_DECREF PyObject *names = PyList_New(0);
    Py_ssize_t pos = 0;
    BORROWED PyObject *name;
    BORROWED PyObject *seen;
    while (names != NULL && PyDict_Next(r->links, &pos, &name, &seen)) {
        // Keys are exact strs, so that these look-ups run no code.
        BORROWED PyObject *at_prompt = PyDict_GetItemWithError(l->prompt, name);
        BORROWED PyObject *inside =
            namespace == NULL ? seen : PyDict_GetItemWithError(namespace, name);
        if (PyErr_Occurred()
            || ((at_prompt != seen || inside != seen) && PyList_Append(names, name) < 0))
            return NULL;
    }
    return TAKE(names);
}

static int
sync_links(RunLedger *l, Run *r, PyObject *namespace)
{
    AUTO_DECREF PyObject *names = changed_names(l, r, namespace);
    if (names == NULL)
        return -1;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(names); i++) {
        BORROWED PyObject *name = PyList_GET_ITEM(names, i);
        __attribute__((cleanup(sides_done))) Sides s = { 0 };
        if (look(l, r, namespace, name, &s) < 0)
            return -1;
        if (s.seen != NULL && !r->superseded && follow(l, r, namespace, name, &s) < 0)
            return -1;
    }
    return PyList_GET_SIZE(names) > 0;
}

/* Lend the run one name that the user made, if it has none of its own.  The link comes first:
 * a name that is in the namespace alone would be published as the run's. */
static int
lend(Run *r, PyObject *namespace, PyObject *name, PyObject *value)
{
    int defined = PyDict_Contains(namespace, name);
    if (defined != 0)
        return defined < 0 ? -1 : 0;
    if (add_to(&r->assigned, name) < 0 || PyDict_SetItem(r->links, name, value) < 0)
        return -1;
    if (PyDict_SetItem(namespace, name, value) == 0)
        return 0;
    AUTO_EXC ExcHold hold = exc_hold();
    if (discard(r->assigned, name) < 0 || call_dict_discard(r->links, name) < 0)
        PyErr_Clear();  // the next synchronisation takes the name for a deleted one
    return -1;
}

static int
lend_wanted(RunLedger *l, Run *r, PyObject *namespace)
{
    AUTO_DECREF PyObject *wanted = Py_XNewRef(r->wanted);
    if (wanted == NULL || PyDict_GET_SIZE(wanted) == 0)
        return 0;
    AUTO_DECREF PyObject *names = PyDict_Keys(wanted);
    if (names == NULL)
        return -1;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(names); i++) {
        BORROWED PyObject *name = PyList_GET_ITEM(names, i);
        AUTO_DECREF PyObject *before = NULL;
        AUTO_DECREF PyObject *value = NULL;
        if (call_dict_get(wanted, name, &before) < 0
            || call_dict_get(l->prompt, name, &value) < 0)
            return -1;
        if (value == before || (value == NULL && before == l->absent))
            continue;
        if ((value != NULL && lend(r, namespace, name, value) < 0)
            || PyDict_SetItem(wanted, name, l->absent) < 0)
            return -1;
    }
    return 0;
}

static int
sync_run(RunLedger *l, Run *r, bool latest)
{
    AUTO_DECREF PyObject *namespace = NULL;
    int alive = run_ledger_namespace(r, &namespace);
    if (alive < 0)
        return -1;
    int changed = sync_links(l, r, namespace);
    if (changed < 0 || alive == 0)
        return changed;
    int published = publish_new(l, r, namespace);
    if (published < 0 || (latest && !r->superseded && lend_wanted(l, r, namespace) < 0))
        return -1;
    return changed | published;
}

int
run_link_sync(RunLedger *l)
{
    int any = 0;
    BORROWED Run *latest = run_ledger_latest(l);
    int latest_number = latest ? latest->number : 0;
    Run *r;
    for (int n = 0; (r = run_ledger_after(l, n)) != NULL;) {
        n = r->number;
        if (r->superseded || r->in_prompt || r->sequence == 0)
            continue;
        r->users++;
        int changed = sync_run(l, r, n == latest_number);
        run_ledger_release(r);
        if (changed < 0)
            return -1;
        any |= changed;
    }
    return heap_collector_release(&l->collector) < 0 ? -1 : any;
}

/* Whether the prompt still has the run's own value under the name. */
static int
is_still_the_runs(const RunLedger *l, const Run *r, PyObject *name, PyObject *seen)
{
    int assigned = contains(r->assigned, name);
    if (assigned != 0)
        return assigned < 0 ? -1 : 0;
    AUTO_DECREF PyObject *value = NULL;
    if (call_dict_get(l->prompt, name, &value) < 0)
        return -1;
    return value == seen;
}

/* Delete the names of the pairs `items` that are still the run's, and count them. */
static Py_ssize_t
retract(RunLedger *l, Run *r, PyObject *items)
{
    Py_ssize_t retracted = 0;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items); i++) {
        BORROWED PyObject *name = PyTuple_GET_ITEM(PyList_GET_ITEM(items, i), 0);
        BORROWED PyObject *seen = PyTuple_GET_ITEM(PyList_GET_ITEM(items, i), 1);
        int mine =
            run_remnant_note(r, name, seen) < 0 ? -1 : is_still_the_runs(l, r, name, seen);
        if (mine == 1)
            heap_collector_suspect(&l->collector, seen);
        if (mine < 0 || (mine == 1 && call_dict_discard(l->prompt, name) < 0))
            return -1;
        retracted += mine;
    }
    return retracted;
}

Py_ssize_t
run_link_retract(RunLedger *l, Run *r)
{
    AUTO_DECREF PyObject *items = PyDict_Items(r->links);
    if (items == NULL)
        return -1;
    r->users++;
    Py_ssize_t retracted = retract(l, r, items);
    PyDict_Clear(r->links);
    Py_CLEAR(r->assigned);
    Py_CLEAR(r->unlinked);
    Py_CLEAR(r->wanted);
    run_ledger_release(r);
    return retracted;
}
