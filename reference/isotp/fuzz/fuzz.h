/* What the fuzz targets share. */
#ifndef ISOTP_FUZZ_H
#define ISOTP_FUZZ_H

#include <stdio.h>
#include <stdlib.h>

#include "tpdu.h"

/* What must hold, whatever comes: a finding if it does not. */
#define CHECK(condition) \
    ((condition) ? (void)0 : fuzz_found(__FILE__, __LINE__, #condition))

_Noreturn void fuzz_found(const char *file, int line, const char *condition);

/* Whether two TPDUs say the same. */
bool fuzz_same(const struct tpdu *one, const struct tpdu *other);

/* Called by libFuzzer, once for each input. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
