/* The function table that WSPStartup hands out. */
#ifndef WSPREF_PROC_TABLE_H
#define WSPREF_PROC_TABLE_H

#include "win.h"

extern const WSPPROC_TABLE proc_table;

#endif
