// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sandbox/forerunner.h"
#include "sandbox/lanes.h"
#include "sandbox/network_pool.h"
#include "sandbox/user_namespace.h"

namespace muster::sandbox {

/// What the attempts of one executor leave to those after them because it is dear to make.
struct KeptForNext {
  Lanes lanes;
  IdMaps id_maps;
  NetworkPool networks;
  Forerunner forerunner{networks};
};

}  // namespace muster::sandbox
