#include "convention.h"

#include "proc_table.h"
#include "text.h"

#include <stdint.h>

/* Slots are numbered as in WSPPROC_TABLE, then the others; the assembly below knows
 * these names. */
enum { STARTUP = PROC_TABLE_SLOTS, RECV_MSG, SLOTS };

const WSPPROC_TABLE *convention_target;
FARPROC convention_others[SLOTS - PROC_TABLE_SLOTS] __asm__("convention_others");
void convention_report(unsigned slot,
                       unsigned changed,
                       int offset) __asm__("convention_report");
const unsigned char convention_arguments[SLOTS] __asm__("convention_arguments")
    __attribute__((used));
extern const FARPROC convention_entries[SLOTS] __asm__("convention_table");
const WSPPROC_TABLE *const *convention_target_at __asm__("convention_target_at")
    __attribute__((used)) = &convention_target;

/* A structure by value lies on the stack, or (x64) somewhere else. */
#if defined(_WIN64)
#define STARTUP_ARGUMENTS 5
#else
#define STARTUP_ARGUMENTS (4 + sizeof(WSPUPCALLTABLE) / sizeof(FARPROC))
#endif

/* Number of arguments of each function, in words of the stack. */
const unsigned char convention_arguments[SLOTS] = {
    6,  /* WSPAccept */
    6,  /* WSPAddressToString */
    5,  /* WSPAsyncSelect */
    4,  /* WSPBind */
    1,  /* WSPCancelBlockingCall */
    1,  /* WSPCleanup */
    2,  /* WSPCloseSocket */
    8,  /* WSPConnect */
    4,  /* WSPDuplicateSocket */
    4,  /* WSPEnumNetworkEvents */
    4,  /* WSPEventSelect */
    6,  /* WSPGetOverlappedResult */
    4,  /* WSPGetPeerName */
    4,  /* WSPGetSockName */
    6,  /* WSPGetSockOpt */
    4,  /* WSPGetQOSByName */
    11, /* WSPIoctl */
    9,  /* WSPJoinLeaf */
    3,  /* WSPListen */
    9,  /* WSPRecv */
    3,  /* WSPRecvDisconnect */
    11, /* WSPRecvFrom */
    6,  /* WSPSelect */
    9,  /* WSPSend */
    3,  /* WSPSendDisconnect */
    11, /* WSPSendTo */
    6,  /* WSPSetSockOpt */
    3,  /* WSPShutdown */
    7,  /* WSPSocket */
    6,  /* WSPStringToAddress */
    STARTUP_ARGUMENTS,
    5, /* WSARecvMsg */
};

#if defined(_WIN64)

static const char *const registers[] = {
    "rbx",
    "rbp",
    "rsi",
    "rdi",
    "r12",
    "r13",
    "r14",
    "r15",
    "xmm6",
    "xmm7",
    "xmm8",
    "xmm9",
    "xmm10",
    "xmm11",
    "xmm12",
    "xmm13",
    "xmm14",
    "xmm15",
    "the direction flag",
    "the control word of the x87 unit",
    "the control bits of MXCSR",
};

/* The frame of call_slot, from the stack pointer: 12 argument slots at 0, the slot's
 * number at 96, scratch at 100, xmm6 to xmm15 at 112, at 272 and 276 what MXCSR and the
 * x87 control word were; above these 280 bytes 8 pushed registers and the return
 * address, so the caller's arguments are at 352. */
__asm__("    .text\n"
        "    .macro set_xmm number:req\n"
        "    movq $(0x5afe0100 + \\number), %r10\n"
        "    movq %r10, %xmm\\number\n"
        "    punpcklqdq %xmm\\number, %xmm\\number\n"
        "    .endm\n"

        "    .macro check register:req, value:req, bit:req\n"
        "    cmpq $\\value, \\register\n"
        "    je 1f\n"
        "    orl $(1 << \\bit), %edx\n"
        "1:\n"
        "    .endm\n"

        "    .macro check_xmm number:req\n"
        "    movq %xmm\\number, %r10\n"
        "    check %r10, (0x5afe0100 + \\number), (\\number + 2)\n"
        "    psrldq $8, %xmm\\number\n"
        "    movq %xmm\\number, %r10\n"
        "    check %r10, (0x5afe0100 + \\number), (\\number + 2)\n"
        "    .endm\n"

        "    .macro save_register register:req\n"
        "    pushq \\register\n"
        "    .seh_pushreg \\register\n"
        "    .endm\n"

        "    .macro save_xmm number:req\n"
        "    movaps %xmm\\number, (112 + (\\number - 6) * 16)(%rsp)\n"
        "    .seh_savexmm %xmm\\number, 112 + (\\number - 6) * 16\n"
        "    .endm\n"

        "    .macro restore_xmm number:req\n"
        "    movaps (112 + (\\number - 6) * 16)(%rsp), %xmm\\number\n"
        "    .endm\n"

        "    .seh_proc call_slot\n"
        "call_slot:\n"
        "    save_register %rbp\n"
        "    save_register %rbx\n"
        "    save_register %rsi\n"
        "    save_register %rdi\n"
        "    save_register %r12\n"
        "    save_register %r13\n"
        "    save_register %r14\n"
        "    save_register %r15\n"
        "    subq $280, %rsp\n"
        "    .seh_stackalloc 280\n"
        "    .irp number, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n"
        "    save_xmm \\number\n"
        "    .endr\n"
        "    .seh_endprologue\n"
        "    movl %eax, 96(%rsp)\n"
        /* The first four arguments join the others on the caller's stack. */
        "    movq %rcx, 352(%rsp)\n"
        "    movq %rdx, 360(%rsp)\n"
        "    movq %r8, 368(%rsp)\n"
        "    movq %r9, 376(%rsp)\n"
        "    leaq 352(%rsp), %rsi\n"
        "    movq %rsp, %rdi\n"
        "    leaq convention_arguments(%rip), %r11\n"
        "    movzbl (%r11, %rax), %ecx\n"
        "    cld\n"
        "    rep movsq\n"
        "    movq convention_target_at(%rip), %r11\n"
        "    movq (%r11), %r11\n"
        "    cmpl $30, %eax\n"
        "    jb 6f\n"
        "    leaq (convention_others - 30 * 8)(%rip), %r11\n"
        "6:  movq (%r11, %rax, 8), %r11\n"
        "    .irp number, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n"
        "    set_xmm \\number\n"
        "    .endr\n"
        "    stmxcsr 272(%rsp)\n"
        "    fnstcw 276(%rsp)\n"
        "    movl $0x5afe0000, %ebx\n"
        "    movl $0x5afe0001, %ebp\n"
        "    movl $0x5afe0002, %esi\n"
        "    movl $0x5afe0003, %edi\n"
        "    movl $0x5afe0004, %r12d\n"
        "    movl $0x5afe0005, %r13d\n"
        "    movl $0x5afe0006, %r14d\n"
        "    movl $0x5afe0007, %r15d\n"
        "    movq 0(%rsp), %rcx\n"
        "    movq 8(%rsp), %rdx\n"
        "    movq 16(%rsp), %r8\n"
        "    movq 24(%rsp), %r9\n"
        "    call *%r11\n"
        "    xorl %edx, %edx\n"
        /* What follows here on needs all three as they were. */
        "    pushfq\n"
        "    popq %r10\n"
        "    cld\n"
        "    testl $0x400, %r10d\n"
        "    je 3f\n"
        "    orl $(1 << 18), %edx\n"
        "3:  fnstcw 100(%rsp)\n"
        "    movzwl 100(%rsp), %r10d\n"
        "    cmpw 276(%rsp), %r10w\n"
        "    je 4f\n"
        "    orl $(1 << 19), %edx\n"
        /* A flag of long ago would raise an exception that is no longer masked. */
        "    fnclex\n"
        "    fldcw 276(%rsp)\n"
        /* The lower 6 bits are flags, which a function may change. */
        "4:  stmxcsr 100(%rsp)\n"
        "    movl 100(%rsp), %r10d\n"
        "    xorl 272(%rsp), %r10d\n"
        "    testl $0xffc0, %r10d\n"
        "    je 5f\n"
        "    orl $(1 << 20), %edx\n"
        "    ldmxcsr 272(%rsp)\n"
        "5:\n"
        "    check %rbx, 0x5afe0000, 0\n"
        "    check %rbp, 0x5afe0001, 1\n"
        "    check %rsi, 0x5afe0002, 2\n"
        "    check %rdi, 0x5afe0003, 3\n"
        "    check %r12, 0x5afe0004, 4\n"
        "    check %r13, 0x5afe0005, 5\n"
        "    check %r14, 0x5afe0006, 6\n"
        "    check %r15, 0x5afe0007, 7\n"
        "    .irp number, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n"
        "    check_xmm \\number\n"
        "    .endr\n"
        "    testl %edx, %edx\n"
        "    je 2f\n"
        "    movq %rax, 104(%rsp)\n"
        "    movl 96(%rsp), %ecx\n"
        "    xorl %r8d, %r8d\n"
        "    call convention_report\n"
        "    movq 104(%rsp), %rax\n"
        "2:\n"
        "    .irp number, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n"
        "    restore_xmm \\number\n"
        "    .endr\n"
        "    addq $280, %rsp\n"
        "    popq %r15\n"
        "    popq %r14\n"
        "    popq %r13\n"
        "    popq %r12\n"
        "    popq %rdi\n"
        "    popq %rsi\n"
        "    popq %rbx\n"
        "    popq %rbp\n"
        "    ret\n"
        "    .seh_endproc\n");

#define WORD_DIRECTIVE ".quad"

#else

static const char *const registers[] = {
    "ebx",
    "edi",
    "ebp",
    "esi",
    "the direction flag",
    "the control word of the x87 unit",
};

/* The frame's address is kept three times: in ebp, in esi, and as what the stack
 * pointer must be once the callee has removed its arguments. Two of them that agree are
 * right. Frame: edi, esi, ebx, ebp, the slot's number (1 byte) and what the x87 control
 * word was (the upper 2), the return address, the arguments. */
__asm__("    .text\n"
        "call_slot:\n"
        "    pushl %eax\n"
        "    pushl %ebp\n"
        "    pushl %ebx\n"
        "    pushl %esi\n"
        "    pushl %edi\n"
        "    movl %esp, %ebp\n"
        "    movzbl convention_arguments(%eax), %ecx\n"
        "    movl convention_target_at, %edx\n"
        "    movl (%edx), %edx\n"
        "    cmpl $30, %eax\n"
        "    jb 10f\n"
        "    movl $(convention_others - 30 * 4), %edx\n"
        "10: movl (%edx, %eax, 4), %eax\n"
        "1:  testl %ecx, %ecx\n"
        "    je 2f\n"
        "    pushl 20(%ebp, %ecx, 4)\n"
        "    decl %ecx\n"
        "    jmp 1b\n"
        "2:  fnstcw 18(%ebp)\n"
        "    movl %ebp, %esi\n"
        "    movl $0x5afe0000, %ebx\n"
        "    movl $0x5afe0001, %edi\n"
        "    call *%eax\n"
        "    xorl %ecx, %ecx\n"
        "    cmpl $0x5afe0000, %ebx\n"
        "    je 3f\n"
        "    orl $1, %ecx\n"
        "3:  cmpl $0x5afe0001, %edi\n"
        "    je 4f\n"
        "    orl $2, %ecx\n"
        /* From here on edi is the frame. */
        "4:  movl %ebp, %edi\n"
        "    cmpl %esi, %ebp\n"
        "    je 6f\n"
        "    cmpl %esp, %ebp\n"
        "    je 5f\n"
        "    orl $4, %ecx\n"
        "    movl %esi, %edi\n"
        "    jmp 6f\n"
        "5:  orl $8, %ecx\n"
        "6:  movl %esp, %edx\n"
        "    subl %edi, %edx\n"
        "    movl %edi, %esp\n"
        "    pushfl\n"
        "    popl %ebx\n"
        "    cld\n"
        "    testl $0x400, %ebx\n"
        "    je 8f\n"
        "    orl $16, %ecx\n"
        "8:  pushl %ebx\n"
        "    fnstcw (%esp)\n"
        "    popl %ebx\n"
        "    cmpw 18(%edi), %bx\n"
        "    je 9f\n"
        "    orl $32, %ecx\n"
        /* A flag of long ago would raise an exception that is no longer masked. */
        "    fnclex\n"
        "    fldcw 18(%edi)\n"
        "9:  movl %ecx, %ebx\n"
        "    orl %edx, %ebx\n"
        "    je 7f\n"
        "    pushl %eax\n"
        "    pushl %edx\n"
        "    pushl %ecx\n"
        "    movzbl 16(%edi), %edx\n"
        "    pushl %edx\n"
        "    call convention_report\n"
        "    addl $12, %esp\n"
        "    popl %eax\n"
        /* Removes its own caller's arguments, below the return address. */
        "7:  movzbl 16(%edi), %edx\n"
        "    movzbl convention_arguments(%edx), %ecx\n"
        "    movl 20(%edi), %edx\n"
        "    leal 24(%edi, %ecx, 4), %ecx\n"
        "    popl %edi\n"
        "    popl %esi\n"
        "    popl %ebx\n"
        "    popl %ebp\n"
        "    movl %ecx, %esp\n"
        "    jmp *%edx\n");

#define WORD_DIRECTIVE ".long"

#endif

/* One entry a slot, and the table of them: WSPPROC_TABLE, and behind it the others. */
__asm__("    .altmacro\n"
        "    .macro entry number\n"
        "slot_\\number:\n"
        "    movl $\\number, %eax\n"
        "    jmp call_slot\n"
        "    .endm\n"
        "    .macro pointer number\n"
        "    " WORD_DIRECTIVE " slot_\\number\n"
        "    .endm\n"
        "    .set count, 0\n"
        "    .rept 32\n"
        "    entry %count\n"
        "    .set count, count + 1\n"
        "    .endr\n"
        "    .section .rdata, \"dr\"\n"
        "    .balign 8\n"
        "    .globl convention_table\n"
        "convention_table:\n"
        "    .set count, 0\n"
        "    .rept 32\n"
        "    pointer %count\n"
        "    .set count, count + 1\n"
        "    .endr\n"
        "    .noaltmacro\n"
        "    .text\n");

static FARPROC checked(int slot, FARPROC function)
{
    convention_others[slot - PROC_TABLE_SLOTS] = function;
    return convention_entries[slot];
}

LPWSPSTARTUP convention_startup(LPWSPSTARTUP function)
{
    return (LPWSPSTARTUP)(void *)checked(STARTUP, (FARPROC)(void *)function);
}

LPFN_WSARECVMSG convention_recv_msg(LPFN_WSARECVMSG function)
{
    return (LPFN_WSARECVMSG)(void *)checked(RECV_MSG, (FARPROC)(void *)function);
}

static const char *name_of(unsigned slot)
{
    static const char *const others[] = {"WSPStartup", "WSARecvMsg"};

    return slot < PROC_TABLE_SLOTS ? proc_table_name(slot)
                                   : others[slot - PROC_TABLE_SLOTS];
}

void convention_report(unsigned slot, unsigned changed, int offset)
{
    char list[256] = "";
    struct text out = TEXT_IN(list);

    for (size_t i = 0; i < sizeof registers / sizeof registers[0]; ++i)
        if (changed & 1u << i)
            text_add(&out, "%s%s", out.size ? ", " : "", registers[i]);
    if (offset)
        text_add(&out,
                 "%sthe stack pointer (%d bytes of arguments removed, not %d)",
                 out.size ? ", " : "",
                 convention_arguments[slot] * 4 + offset,
                 convention_arguments[slot] * 4);
    convention_broken(name_of(slot), list);
}
