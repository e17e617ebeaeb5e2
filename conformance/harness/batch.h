/* The cases of one run, through CUnit. */
#ifndef WSPCHECK_BATCH_H
#define WSPCHECK_BATCH_H

#include "entry.h"
#include "registry.h"

/* One case on one entry. */
struct job {
    struct entry *entry;
    const struct case_row *row;
};

/* Runs them in order and reports each; `limit_ms` is for cases without a limit of their
 * own. false: CUnit failed. */
bool batch_run(const struct job *jobs, size_t count, unsigned limit_ms);

#endif
