/** Something the model cannot follow: the run is then not comparable from here on. */
export class BeyondModel extends Error {
  override readonly name = "BeyondModel";
}
