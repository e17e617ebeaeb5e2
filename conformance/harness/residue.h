/* What a case leaves behind. */
#ifndef WSPCHECK_RESIDUE_H
#define WSPCHECK_RESIDUE_H

#include "spi_case.h"

/* A case is about to begin: notes where the counts stand. */
void residue_begin(void);

enum residue {
    RESIDUE_NONE,
    RESIDUE_OPERATIONS, /* memory of the case may still be written to */
    RESIDUE_PROCESS     /* the process must end: a helper thread is still running, or
                           the provider has damaged what is not its own */
};

/* Releases everything that the case was given; what the provider has not given back or
 * completed becomes the case's finding. */
enum residue residue_end(struct spi_test *t);

#endif
