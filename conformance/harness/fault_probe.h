/* A fault on purpose, by which the suite sees whether it still hears of faults. */
#ifndef WSPCHECK_FAULT_PROBE_H
#define WSPCHECK_FAULT_PROBE_H

#include <stdbool.h>

#include "win.h"

/* Faults; whether the suite's vectored handler was asked first. */
bool fault_probe_is_seen(void);

/* For that handler: whether it is the probe's fault. It is over then. */
bool fault_probe_takes(const EXCEPTION_POINTERS *pointers);

#endif
