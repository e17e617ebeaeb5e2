#include "callback.h"

#include "text.h"
#include "upcall.h"

#include <string.h>

/* Numbered as in enum upcall, then the others. */
enum {
    CONDITION = UPCALL_COUNT,
    BLOCKING,
    COMPLETION,
    CALLBACKS,
};

#define UPCALLS_IN_TABLE (sizeof(WSPUPCALLTABLE) / sizeof(FARPROC))

/* Bits of what can be wrong, as the assembly below finds them. */
#define MISALIGNED 0xF
#define DIRECTION 0x400

static volatile LONG told[CALLBACKS];

/* The assembly knows these names. What is called with the right convention jumps from
 * its thunk to its target; nothing of the caller's is changed on the way. */
FARPROC callback_targets[CALLBACKS] __asm__("callback_targets") = {
    [UPCALL_COMPLETE_OVERLAPPED_REQUEST] = (FARPROC)(void *)
        upcall_complete_overlapped_request,
};
void callback_report(unsigned callback, unsigned broken) __asm__("callback_report");
extern const FARPROC callback_thunks[CALLBACKS] __asm__("callback_thunks");

#if defined(_WIN64)

/* The stack pointer must be a multiple of 16 in front of the call. If it is not the
 * arguments are copied to where it is: 8, which is as many as the condition function
 * has. Frame of mend_callback, from the aligned stack pointer: 8 argument slots, the
 * callback's number. */
__asm__("    .text\n"
        "check_callback:\n"
        "    pushfq\n"
        "    popq %r10\n"
        "    leaq 8(%rsp), %r11\n"
        "    andl $15, %r11d\n"
        "    andl $0x400, %r10d\n"
        "    orl %r11d, %r10d\n"
        "    jne mend_callback\n"
        "    leaq callback_targets(%rip), %r11\n"
        "    jmp *(%r11, %rax, 8)\n"

        "    .seh_proc mend_callback\n"
        "mend_callback:\n"
        "    pushq %rbp\n"
        "    .seh_pushreg %rbp\n"
        "    movq %rsp, %rbp\n"
        "    .seh_setframe %rbp, 0\n"
        "    .seh_endprologue\n"
        "    cld\n"
        "    andq $-16, %rsp\n"
        "    subq $80, %rsp\n"
        "    movq %rcx, 16(%rbp)\n"
        "    movq %rdx, 24(%rbp)\n"
        "    movq %r8, 32(%rbp)\n"
        "    movq %r9, 40(%rbp)\n"
        "    movl %eax, 64(%rsp)\n"
        "    movl %eax, %ecx\n"
        "    movl %r10d, %edx\n"
        "    call callback_report\n"
        "    .irp slot, 4, 5, 6, 7\n"
        "    movq (16 + \\slot * 8)(%rbp), %r10\n"
        "    movq %r10, (\\slot * 8)(%rsp)\n"
        "    .endr\n"
        "    movq 16(%rbp), %rcx\n"
        "    movq 24(%rbp), %rdx\n"
        "    movq 32(%rbp), %r8\n"
        "    movq 40(%rbp), %r9\n"
        "    movl 64(%rsp), %eax\n"
        "    leaq callback_targets(%rip), %r11\n"
        "    call *(%r11, %rax, 8)\n"
        "    leaq (%rbp), %rsp\n"
        "    popq %rbp\n"
        "    ret\n"
        "    .seh_endproc\n");

#define WORD_DIRECTIVE ".quad"

#else

__asm__("    .text\n"
        "check_callback:\n"
        "    pushfl\n"
        "    popl %ecx\n"
        "    andl $0x400, %ecx\n"
        "    je 1f\n"
        "    cld\n"
        "    pushl %eax\n"
        "    pushl %ecx\n"
        "    pushl %eax\n"
        "    call callback_report\n"
        "    addl $8, %esp\n"
        "    popl %eax\n"
        "1:  jmp *callback_targets(, %eax, 4)\n");

#define WORD_DIRECTIVE ".long"

#endif

/* One thunk a callback, the table of them, and a name for the one of them that takes
 * the place of an export. */
__asm__("    .altmacro\n"
        "    .macro callback_thunk number\n"
        "callback_\\number:\n"
        "    movl $\\number, %eax\n"
        "    jmp check_callback\n"
        "    .endm\n"
        "    .macro callback_pointer number\n"
        "    " WORD_DIRECTIVE " callback_\\number\n"
        "    .endm\n"
        "    .set count, 0\n"
        "    .rept 19\n"
        "    callback_thunk %count\n"
        "    .set count, count + 1\n"
        "    .endr\n"
        "    .globl callback_complete_overlapped_request\n"
        "    .set callback_complete_overlapped_request, callback_15\n"
        "    .section .rdata, \"dr\"\n"
        "    .balign 8\n"
        "    .globl callback_thunks\n"
        "callback_thunks:\n"
        "    .set count, 0\n"
        "    .rept 19\n"
        "    callback_pointer %count\n"
        "    .set count, count + 1\n"
        "    .endr\n"
        "    .noaltmacro\n"
        "    .text\n");

static FARPROC checked(int callback, FARPROC function)
{
    callback_targets[callback] = function;
    return callback_thunks[callback];
}

const WSPUPCALLTABLE *callback_upcalls(const WSPUPCALLTABLE *table)
{
    memcpy(callback_targets, table, sizeof *table);
    return (const WSPUPCALLTABLE *)callback_thunks;
}

LPCONDITIONPROC callback_condition(LPCONDITIONPROC function)
{
    return (LPCONDITIONPROC)(void *)checked(CONDITION, (FARPROC)(void *)function);
}

LPBLOCKINGCALLBACK callback_blocking(LPBLOCKINGCALLBACK function)
{
    return (LPBLOCKINGCALLBACK)(void *)checked(BLOCKING, (FARPROC)(void *)function);
}

LPWSAOVERLAPPED_COMPLETION_ROUTINE
callback_completion(LPWSAOVERLAPPED_COMPLETION_ROUTINE function)
{
    return (LPWSAOVERLAPPED_COMPLETION_ROUTINE)(void *)checked(
        COMPLETION, (FARPROC)(void *)function);
}

static const char *name_of(unsigned callback)
{
    static const char *const others[] = {
        "the condition function",
        "the blocking callback",
        "a completion routine",
    };

    return callback < UPCALL_COUNT ? upcall_name((enum upcall)callback)
                                   : others[callback - UPCALL_COUNT];
}

void callback_report(unsigned callback, unsigned broken)
{
    char how[128] = "";
    struct text out = TEXT_IN(how);
    LONG known = InterlockedOr(&told[callback], (LONG)broken);

    if (!(broken & ~(unsigned)known))
        return;
    if (broken & MISALIGNED)
        text_add(&out, "a stack that is not aligned to 16 bytes");
    if (broken & DIRECTION)
        text_add(&out, "%sthe direction flag set", out.size ? " and " : "");
    callback_broken(name_of(callback), how);
}

void callback_reset(void)
{
    for (int i = 0; i < CALLBACKS; ++i)
        InterlockedExchange(&told[i], 0);
}
