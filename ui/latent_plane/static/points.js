// The points of a plane: coordinates (count x dims, float32), then one byte of label each.

export class Points {
  constructor(buffer, { count, dims }) {
    this.count = count;
    this.dims = dims;
    this.coordinates = new Float32Array(buffer, 0, count * dims);
    this.labels = new Uint8Array(buffer, count * dims * 4, count);
  }

  place(index) {
    return Array.from(this.coordinates.subarray(index * this.dims, (index + 1) * this.dims));
  }

  column(dim, indices) {
    return Float32Array.from(indices, (index) => this.coordinates[index * this.dims + dim]);
  }

  ofClass(label) {
    const indices = [];
    this.labels.forEach((other, index) => other === label && indices.push(index));
    return indices;
  }
}

const fetched = new Map();

export function fetchPoints(base, source) {
  const url = `${base}/${source.path}`;
  if (!fetched.has(url)) {
    if (fetched.size > 16) fetched.clear();
    const points = download(url, source);
    fetched.set(url, points);
    points.catch(() => fetched.delete(url));
  }
  return fetched.get(url);
}

async function download(url, source) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${await response.text()}`);
  return new Points(await response.arrayBuffer(), source);
}
