// SPDX-License-Identifier: Apache-2.0
#pragma once

// MUSTER_SANITIZED: 1 where a sanitizer keeps books about memory, which two processes cannot share
// then.

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MUSTER_SANITIZED 1
#elif defined(__has_feature)
#define MUSTER_SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define MUSTER_SANITIZED 0
#endif
