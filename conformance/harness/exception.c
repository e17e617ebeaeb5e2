#include "exception.h"

#include <stdio.h>
#include <string.h>

/* Raised by Wine where it lacks a function: names of DLL and function are its
 * arguments. */
#define WINE_STUB 0x80000100

void crash_find_module(struct crash *crash)
{
    HMODULE module;
    char path[MAX_PATH];
    const char *name;

    if (!GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS |
                                GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                            crash->address,
                            &module) ||
        !GetModuleFileNameA(module, path, sizeof path))
        return;
    path[sizeof path - 1] = '\0';
    name = strrchr(path, '\\');
    snprintf(crash->module, sizeof crash->module, "%s", name ? name + 1 : path);
    crash->offset = (size_t)crash->address - (size_t)module;
}

void crash_read(struct crash *crash, const EXCEPTION_POINTERS *pointers)
{
    const EXCEPTION_RECORD *record = pointers->ExceptionRecord;

    crash->thread = GetCurrentThreadId();
    crash->code = record->ExceptionCode;
    crash->address = record->ExceptionAddress;
    crash->information_count = record->NumberParameters;
    for (DWORD i = 0; i < record->NumberParameters && i < 2; ++i)
        crash->information[i] = record->ExceptionInformation[i];
    if (crash->code == WINE_STUB && record->NumberParameters >= 2) {
        const char *dll = (const char *)crash->information[0];
        const char *function = (const char *)crash->information[1];

        if ((size_t)function > 0xFFFF)
            snprintf(crash->stub, sizeof crash->stub, "%s.%s", dll, function);
        else
            snprintf(crash->stub, sizeof crash->stub, "a function of %s", dll);
    }
}

static const char *code_name(DWORD code)
{
    static const struct {
        DWORD code;
        const char *name;
    } names[] = {
        {EXCEPTION_ACCESS_VIOLATION, "access violation"},
        {EXCEPTION_STACK_OVERFLOW, "stack overflow"},
        {EXCEPTION_ILLEGAL_INSTRUCTION, "illegal instruction"},
        {EXCEPTION_PRIV_INSTRUCTION, "privileged instruction"},
        {EXCEPTION_INT_DIVIDE_BY_ZERO, "division by zero"},
        {EXCEPTION_BREAKPOINT, "breakpoint"},
        {EXCEPTION_IN_PAGE_ERROR, "in-page error"},
        {EXCEPTION_GUARD_PAGE, "guard page"},
        {EXCEPTION_DATATYPE_MISALIGNMENT, "misaligned access"},
        {EXCEPTION_INVALID_HANDLE, "invalid handle"},
        {0xC0000374, "heap corruption"},
        {0xC0000409, "stack buffer overrun"},
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; ++i)
        if (names[i].code == code)
            return names[i].name;
    return "exception";
}

static const char *access_name(ULONG_PTR kind)
{
    if (!kind)
        return "reading";
    return kind == 1 ? "writing to" : "executing";
}

void crash_describe(const struct crash *crash, struct text *out)
{
    text_add(out, "%s (0x%08lX)", code_name(crash->code), crash->code);
    if (*crash->stub) {
        text_add(out, ": %s is a stub in this Wine", crash->stub);
        return;
    }
    if (crash->code == EXCEPTION_ACCESS_VIOLATION && crash->information_count >= 2)
        text_add(out,
                 " %s address 0x%zx",
                 access_name(crash->information[0]),
                 (size_t)crash->information[1]);
    if (*crash->module)
        text_add(out, " at %s+0x%zx", crash->module, crash->offset);
    else
        text_add(out, " at 0x%zx, outside of all modules", (size_t)crash->address);
}
