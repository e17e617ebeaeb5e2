/* All cases: those of the suites in conformance/cases/suites.def, a table case once a
 * row. */
#ifndef WSPCHECK_REGISTRY_H
#define WSPCHECK_REGISTRY_H

#include "spi_case.h"

/* One case of the reports. */
struct case_row {
    const struct spi_case *source;
    const void *row; /* NULL: no table */
    const char *id;
};

/* Collects them; to be called once, first. Ends the process if two share an id. */
void registry_open(void);

size_t registry_count(void);
const struct case_row *registry_at(size_t index);
/* NULL: no such case. */
const struct case_row *registry_find(const char *id);

#endif
