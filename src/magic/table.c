#include "magic/table.h"

#include "session/output.h"

static PyObject *
lsmagic_run(Session *s, const MagicCall *call)
{
    AUTO_DECREF PyObject *text = PyUnicode_FromString("");
    for (const Magic *const *m = s->magics; *m != NULL && text != NULL; m++) {
        AUTO_DECREF PyObject *name = PyUnicode_FromFormat(
            "%s%s %s", (*m)->flags & MAGIC_LINE ? "%" : "%%", (*m)->name, (*m)->usage);
        if (name == NULL)
            return NULL;
        Py_SETREF(text, PyUnicode_FromFormat("%U%U\n    %s\n", text, name, (*m)->summary));
    }
    if (text == NULL || session_output_write(text) < 0)
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

extern const Magic magic_cat, magic_cd, magic_cp, magic_env, magic_less, magic_ll, magic_ls,
    magic_mkdir, magic_mv, magic_pinfo, magic_pinfo2, magic_psearch, magic_pwd, magic_reset,
    magic_rm, magic_rmdir, magic_run, magic_runs, magic_tb, magic_time, magic_who,
    magic_whos, magic_xmode;

const Magic *const magic_table[] = {
    &magic_cat,   &magic_cd,      &magic_cp,    &magic_env,   &magic_less,   &magic_ll,
    &magic_ls,    &magic_lsmagic, &magic_mkdir, &magic_mv,    &magic_pinfo,  &magic_pinfo2,
    &magic_psearch, &magic_pwd,   &magic_reset, &magic_rm,    &magic_rmdir,  &magic_run,
    &magic_runs,  &magic_tb,      &magic_time,  &magic_who,   &magic_whos,   &magic_xmode,
    NULL,
};
