/* What the whole process shares: the client's upcalls, and whether the provider is
 * started. */
#ifndef WSPREF_STARTUP_H
#define WSPREF_STARTUP_H

#include "win.h"

/* The newest upcall table; valid while the provider is started. */
extern WSPUPCALLTABLE upcalls;

/* This DLL. */
extern HINSTANCE own_module;

bool startup_done(void);

#endif
