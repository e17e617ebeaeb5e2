#include "proc_table.h"

#include "spi.h"

/* RD-1: every slot holds a function. */
const WSPPROC_TABLE proc_table = {
    .lpWSPAccept = WSPAccept,
    .lpWSPAddressToString = WSPAddressToString,
    .lpWSPAsyncSelect = WSPAsyncSelect,
    .lpWSPBind = WSPBind,
    .lpWSPCancelBlockingCall = WSPCancelBlockingCall,
    .lpWSPCleanup = WSPCleanup,
    .lpWSPCloseSocket = WSPCloseSocket,
    .lpWSPConnect = WSPConnect,
    .lpWSPDuplicateSocket = WSPDuplicateSocket,
    .lpWSPEnumNetworkEvents = WSPEnumNetworkEvents,
    .lpWSPEventSelect = WSPEventSelect,
    .lpWSPGetOverlappedResult = WSPGetOverlappedResult,
    .lpWSPGetPeerName = WSPGetPeerName,
    .lpWSPGetSockName = WSPGetSockName,
    .lpWSPGetSockOpt = WSPGetSockOpt,
    .lpWSPGetQOSByName = WSPGetQOSByName,
    .lpWSPIoctl = WSPIoctl,
    .lpWSPJoinLeaf = WSPJoinLeaf,
    .lpWSPListen = WSPListen,
    .lpWSPRecv = WSPRecv,
    .lpWSPRecvDisconnect = WSPRecvDisconnect,
    .lpWSPRecvFrom = WSPRecvFrom,
    .lpWSPSelect = WSPSelect,
    .lpWSPSend = WSPSend,
    .lpWSPSendDisconnect = WSPSendDisconnect,
    .lpWSPSendTo = WSPSendTo,
    .lpWSPSetSockOpt = WSPSetSockOpt,
    .lpWSPShutdown = WSPShutdown,
    .lpWSPSocket = WSPSocket,
    .lpWSPStringToAddress = WSPStringToAddress,
};
