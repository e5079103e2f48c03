#include "plain/loop.h"

#include "py/interp.h"

int
plain_loop_main(const Options *options)
{
    fputs("mainspring: this build has no prompt\n", stderr);
    return interp_stop(1);
}
