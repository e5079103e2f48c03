#include "magic/table.h"

#include <string.h>

#include "py/call.h"
#include "session/output.h"
#include "session/registry.h"

static unsigned
main_way(const Magic *m)
{
    return m->flags & MAGIC_LINE ? MAGIC_LINE : MAGIC_CELL;
}

static int
write_native(Session *s, const Magic *m)
{
    if (session_registry_has(s, m->name, strlen(m->name), main_way(m)))
        return 0;  // another one has its place
    AUTO_DECREF PyObject *text =
        PyUnicode_FromFormat("%s%s %s\n    %s\n", main_way(m) == MAGIC_LINE ? "%" : "%%",
                             m->name, m->usage, m->summary);
    return text == NULL ? -1 : session_output_write(text);
}

/* The first line of the docstring, or nothing. */
static PyObject *
summary_of(PyObject *function)
{
    AUTO_DECREF PyObject *doc = NULL;
    if (call_attr_get(function, "__doc__", &doc) < 0)
        return NULL;
    AUTO_DECREF PyObject *bare = doc != NULL && PyUnicode_Check(doc)
                                     ? PyObject_CallMethod(doc, "strip", NULL)
                                     : PyUnicode_FromString("");
    AUTO_DECREF PyObject *parts =
        bare == NULL ? NULL : PyObject_CallMethod(bare, "partition", "s", "\n");
    return parts == NULL ? NULL : Py_NewRef(PyTuple_GET_ITEM(parts, 0));
}

static int
write_registered(Session *s, unsigned way)
{
    AUTO_DECREF PyObject *names = session_registry_names(s, way);
    if (names == NULL)
        return -1;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(names); i++) {
        BORROWED PyObject *name = PyList_GET_ITEM(names, i);
        AUTO_DECREF PyObject *function = NULL;
        if (session_registry_get(s, name, way, &function) != 1)
            return PyErr_Occurred() ? -1 : 0;
        AUTO_DECREF PyObject *summary = summary_of(function);
        AUTO_DECREF PyObject *text =
            summary == NULL
                ? NULL
                : PyUnicode_FromFormat("%s%U\n    %U\n", way == MAGIC_LINE ? "%" : "%%",
                                       name, summary);
        if (text == NULL || session_output_write(text) < 0)
            return -1;
    }
    return 0;
}

static PyObject *
lsmagic_run(Session *s, const MagicCall *call)
{
    for (const Magic *const *m = s->magics; *m != NULL; m++)
        if (write_native(s, *m) < 0)
            return NULL;
    if (write_registered(s, MAGIC_LINE) < 0 || write_registered(s, MAGIC_CELL) < 0)
        return NULL;
    Py_RETURN_NONE;
}

const Magic magic_lsmagic = {
    .name = "lsmagic",
    .usage = "",
    .summary = "List the magics.",
    .flags = MAGIC_LINE,
    .run = lsmagic_run,
};

extern const Magic magic_cat, magic_cd, magic_clear, magic_cp, magic_ed, magic_edit,
    magic_env, magic_hist, magic_history, magic_leaks, magic_less, magic_ll, magic_load,
    magic_load_ext, magic_ls, magic_macro, magic_man, magic_mkdir, magic_mv, magic_pinfo,
    magic_pinfo2, magic_prun, magic_psearch, magic_pwd, magic_recall, magic_reload_ext,
    magic_rep, magic_rerun, magic_reset, magic_retained, magic_rm, magic_rmdir, magic_run,
    magic_runs, magic_save, magic_tb, magic_time, magic_unload_ext, magic_who, magic_whos,
    magic_why, magic_xdel, magic_xmode;

const Magic *const magic_table[] = {
    &magic_cat,      &magic_cd,         &magic_clear, &magic_cp,         &magic_ed,
    &magic_edit,     &magic_env,        &magic_hist,  &magic_history,    &magic_leaks,
    &magic_less,     &magic_ll,         &magic_load,  &magic_load_ext,   &magic_ls,
    &magic_lsmagic,  &magic_macro,      &magic_man,   &magic_mkdir,      &magic_mv,
    &magic_pinfo,    &magic_pinfo2,     &magic_prun,  &magic_psearch,    &magic_pwd,
    &magic_recall,   &magic_reload_ext, &magic_rep,   &magic_rerun,      &magic_reset,
    &magic_retained, &magic_rm,         &magic_rmdir, &magic_run,        &magic_runs,
    &magic_save,     &magic_tb,         &magic_time,  &magic_unload_ext, &magic_who,
    &magic_whos,     &magic_why,        &magic_xdel,  &magic_xmode,      NULL,
};
